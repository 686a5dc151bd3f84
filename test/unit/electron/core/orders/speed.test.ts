import { expect, test } from 'vitest'
import { openReleaseDesk, slotOf } from '../../../../harness/release-desk.ts'
import { report } from '../../../../harness/fleet.ts'

const DEVICES = 10_000

test(
  'an order of 10,000 devices is shown, listed, previewed and undone; how long each takes is printed',
  { timeout: 180_000 },
  async () => {
    const desk = openReleaseDesk()
    const made = await desk.importSample('wine', '1.0.0')
    await desk.importSample('wine', '2.0.0')
    const names = Array.from({ length: DEVICES }, (_, i) => `cam-${String(i).padStart(5, '0')}`)
    desk.store.transact(() => {
      for (const [i, device] of names.entries()) {
        desk.store.devices.enrol({ device, secretHash: 'a'.repeat(64), labels: { site: `site-${i % 20}` }, enrolledAt: desk.clock.at })
        desk.store.devices.notePresence(
          { v: 1, sentAt: 0, device, status: 'online', boot: 'boot-1', agentVersion: '0.1.0' } as never,
          desk.clock.at,
        )
      }
    })
    const from = performance.now()
    const { order } = await desk.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0' })
    const applyMs = performance.now() - from
    const blocks = desk.registry.sizeOf(made.digest).blocks
    desk.store.transact(() => {
      for (const [i, device] of names.entries()) {
        const slot =
          i % 3 === 0
            ? { state: 'active', active: slotOf(made) }
            : { state: 'fetching', candidate: slotOf(made), progress: { blocksHave: 1, blocksTotal: blocks, bytesReceived: 1 } }
        const deployments = { wine: { active: null, candidate: null, lastGood: null, progress: null, problem: null, ...slot } }
        desk.store.devices.noteReport(
          report(device, { sequence: 1, assignmentCounter: desk.counter(device), deployments: deployments }),
          desk.clock.at,
        )
      }
    })
    desk.book.settle(names)

    const timed = async (what: string, work: () => Promise<unknown>): Promise<{ what: string; p50: number; p95: number }> => {
      const times: number[] = []
      for (let i = 0; i < 25; i += 1) {
        const start = performance.now()
        await work()
        times.push(performance.now() - start)
        // What a device says between two questions, so that nothing is answered from a cache that is never touched.
        desk.reportOf(names[(i * 7) % DEVICES]!, { sequence: i + 2, assignmentCounter: desk.counter(names[(i * 7) % DEVICES]!) })
      }
      times.sort((a, b) => a - b)
      return { what, p50: times[12]!, p95: times[23]! }
    }
    const figures = [
      await timed('orders.show', () => desk.call('orders.show', { order: order! })),
      await timed('orders.devices', () => desk.call('orders.devices', { order: order!, query: 'site = "site-3"', limit: 100 })),
      await timed('orders.devices, a state', () =>
        desk.call('orders.devices', { order: order!, state: 'fetching', offset: 3000, limit: 100 }),
      ),
      await timed('orders.preview undo', () => desk.call('orders.preview', { order: order!, action: 'undo' })),
      await timed('deployments.preview', () => desk.call('deployments.preview', { query: '', model: 'wine', version: '2.0.0' })),
      await timed('deployments.list', () => desk.call('deployments.list', {})),
      await timed('models.list', () => desk.call('models.list', {})),
      await timed('a report of one device', () =>
        Promise.resolve(desk.reportOf(names[17]!, { assignmentCounter: desk.counter(names[17]!) })),
      ),
    ]
    const undoFrom = performance.now()
    await desk.call('orders.undo', { order: order! })
    const undoMs = performance.now() - undoFrom
    console.log(`  deployments.apply ${Math.round(applyMs)} ms, orders.undo ${Math.round(undoMs)} ms, with ${DEVICES} devices`)
    for (const { what, p50, p95 } of figures) console.log(`  ${what}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`)
    const [newest] = (await desk.call('orders.list', { limit: 1 })).orders
    expect([newest!.kind, newest!.of, newest!.devices]).toEqual(['undo', order, DEVICES])
  },
)
