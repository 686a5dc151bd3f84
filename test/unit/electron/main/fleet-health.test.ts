import { describe, expect, test } from 'vitest'
import { trayText, type FleetHealth } from '../../../../electron/main/fleet-health.ts'
import { notesOf } from '../../../../electron/main/notifications.ts'
import { trayTemplate } from '../../../../electron/main/tray.ts'
import { uiPath } from '../../../../shared/host/window-messages.ts'

const well: FleetHealth = {
  fleetName: 'Plant Lyon',
  broker: { state: 'running', problem: null },
  devices: { enrolled: 120, online: 118 },
  storeProblem: null,
  failed: new Map(),
}
const down: FleetHealth = { ...well, broker: { state: 'unreachable', problem: 'connect ECONNREFUSED 10.0.0.1:1883' } }

describe('the tray says', () => {
  test.each<[string, FleetHealth | null, string]>([
    ['no core', null, 'Muster: the core is not running'],
    ['all well', well, 'Plant Lyon: 118 of 120 devices online'],
    ['one device', { ...well, devices: { enrolled: 1, online: 1 } }, 'Plant Lyon: 1 of 1 device online'],
    ['an empty fleet', { ...well, devices: { enrolled: 0, online: 0 } }, 'Plant Lyon: no devices yet'],
    ['a broker that is away', down, 'Plant Lyon: the broker is unreachable'],
    ['a broker that starts', { ...well, broker: { state: 'starting', problem: null } }, 'Plant Lyon: the broker is starting'],
    [
      'refused orders',
      {
        ...well,
        failed: new Map([
          ['digits', 2],
          ['wine', 1],
        ]),
      },
      'Plant Lyon: 118 of 120 devices online; 3 devices refused an order',
    ],
    ['a full disk', { ...well, storeProblem: 'disk full' }, 'Plant Lyon: 118 of 120 devices online; telemetry is not stored'],
    ['a name as long as a page', { ...well, fleetName: 'x'.repeat(200) }, `${'x'.repeat(39)}…: 118 of 120 devices online`],
    ['a name with tricks', { ...well, fleetName: 'a\n\u202eb\u0007' }, 'a b: 118 of 120 devices online'],
  ])('%s', (_, health, text) => {
    expect(trayText(health)).toBe(text)
    expect(trayTemplate(health, { open: () => undefined, quit: () => undefined })[0]).toEqual({ label: text, enabled: false })
  })
})

describe('a notification comes', () => {
  test.each<[string, FleetHealth | null, FleetHealth, string[]]>([
    ['not at the start, whatever is wrong', null, down, []],
    ['not while nothing changes', down, down, []],
    ['when the broker goes away', well, down, ['The broker is unreachable → /settings']],
    ['when the broker is back', down, well, ['The broker is back → /']],
    ['not when the broker only starts', well, { ...well, broker: { state: 'starting', problem: null } }, []],
    ['not when devices go offline', well, { ...well, devices: { enrolled: 120, online: 3 } }, []],
    [
      'when a device refuses an order',
      well,
      { ...well, failed: new Map([['digits', 1]]) },
      ['1 device refused an order → /deployments?deployment=digits'],
    ],
    [
      'once for the new ones',
      { ...well, failed: new Map([['digits', 2]]) },
      { ...well, failed: new Map([['digits', 5]]) },
      ['3 devices refused an order → /deployments?deployment=digits'],
    ],
    [
      'once for several deployments',
      { ...well, failed: new Map([['digits', 1]]) },
      {
        ...well,
        failed: new Map([
          ['digits', 2],
          ['wine', 1],
        ]),
      },
      ['2 devices refused an order → /deployments'],
    ],
    ['not when fewer fail', { ...well, failed: new Map([['digits', 5]]) }, { ...well, failed: new Map([['digits', 2]]) }, []],
    ['when telemetry cannot be stored', well, { ...well, storeProblem: 'No space left.' }, ['Telemetry cannot be stored → /']],
  ])('%s', (_, before, now, expected) => {
    const notes = notesOf(before, now)
    expect(notes.map(({ title, path }) => `${title} → ${path}`)).toEqual(expected)
    for (const { path } of notes) expect(uiPath.safeParse(path).success).toBe(true)
  })

  test('with the reason of the broker, cut to what a notification shows', () => {
    const [note] = notesOf(well, { ...down, broker: { state: 'stopped', problem: `refused\u0000\n${'y'.repeat(5000)}` } })
    expect(note!.body.length).toBeLessThan(300)
    expect(note!.body).toMatch(/^Devices keep what they measure until it is back\. refused y+…$/)
  })
})
