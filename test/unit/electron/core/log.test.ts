import { expect, test } from 'vitest'
import { createLog } from '../../../../electron/core/log.ts'
import { musterVersion } from '../../../../shared/domain/version.ts'

test('an entry has the fields of the Elastic Common Schema: flat labels, a cause and a stack in fields of their own', () => {
  const lines: string[] = []
  const log = createLog({ service: 'muster-console', level: 'warn' }, (line) => void lines.push(line))
  log('info', 'too quiet')
  log('warn', 'a device is away', { device: 'cam-1', tries: 2, isNew: false, more: { a: [1] }, none: undefined, odd: Number.NaN })
  log('error', 'a call failed', { reason: 'no room', stack: 'Error: no room\n    at x' })
  log('error', 'plain')
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
  const base = {
    ...{ '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), 'ecs.version': '8.11.0' },
    ...{ 'service.name': 'muster-console', 'service.version': musterVersion, 'process.pid': process.pid },
  }
  expect(entries).toEqual([
    {
      ...{ ...base, 'log.level': 'warn', message: 'a device is away' },
      labels: { device: 'cam-1', tries: 2, isNew: false, more: '{"a":[1]}', none: 'undefined', odd: 'null' },
    },
    {
      ...base,
      'log.level': 'error',
      message: 'a call failed',
      'error.message': 'no room',
      'error.stack_trace': 'Error: no room\n    at x',
    },
    { ...base, 'log.level': 'error', message: 'plain' },
  ])
})
