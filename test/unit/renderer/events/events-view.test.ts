import { describe, expect, test } from 'vitest'
import { allEvents, eventsCsv, eventsView, MOST_EXPORTED, type FleetEvent } from '../../../../renderer/screens/events/events-view.ts'

const event = (device: string, part: Partial<FleetEvent> = {}): FleetEvent => ({
  at: Date.parse('2026-01-02T03:04:05Z'),
  device,
  name: 'model.activated',
  severity: 'info',
  message: 'digits 1.0.0 is active.',
  code: null,
  ...part,
})
const quiet = { signal: new AbortController().signal, onProgress: () => undefined }

describe('events of the fleet', () => {
  test('as CSV, with texts of devices as text', () => {
    expect(eventsCsv([event('cam-1', { message: '=1+1', code: 'probe.timeout' })])).toBe(
      "at,device,severity,event,message,code\r\n2026-01-02T03:04:05.000Z,cam-1,info,model.activated,'=1+1,probe.timeout\r\n",
    )
  })

  test('asks page by page until there is no more', async () => {
    const asked: (string | null)[] = []
    const { events, isCut } = await allEvents((before) => {
      asked.push(before)
      return Promise.resolve({ events: [event(`cam-${asked.length}`)], next: asked.length < 3 ? `page ${asked.length}` : null })
    }, quiet)
    expect(asked).toEqual([null, 'page 1', 'page 2'])
    expect(events.map(({ device }) => device)).toEqual(['cam-1', 'cam-2', 'cam-3'])
    expect(isCut).toBe(false)
  })

  test('says that it left older ones out', async () => {
    const page = Array.from({ length: 20_000 }, () => event('cam-1'))
    const { events, isCut } = await allEvents(() => Promise.resolve({ events: page, next: 'more' }), quiet)
    expect(events).toHaveLength(MOST_EXPORTED)
    expect(isCut).toBe(true)
  })

  test('a hand-written address falls back to defaults', () => {
    expect(eventsView.parse({})).toEqual({ query: '', severity: 'info', event: '' })
    expect(eventsView.safeParse({ severity: 'loud' }).success).toBe(false)
  })
})
