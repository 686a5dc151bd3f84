import type { Attention } from '../../../shared/rpc/contract/overview.ts'
import { byUrgency, isQuiet, sentenceOf } from '../monitor/alerts/alert-view.ts'
import { isAtLeast, titleOf } from '../monitor/channels/message.ts'
import type { AlertRow } from '../store/fleet/alerts.ts'

/** Rules about what the state of a device says already: they are told once, as its state. */
const toldByState: readonly string[] = ['device-offline', 'disk-low']

/** Firing alerts that nobody looks after, at least warnings. */
export function loudAlerts(open: readonly AlertRow[]): AlertRow[] {
  return open.filter((alert) => alert.state === 'firing' && !isQuiet(alert) && isAtLeast(alert.severity, 'warning')).sort(byUrgency)
}

/** One line for each group of loud alerts, the most urgent first. */
export function alertLines(loud: readonly AlertRow[]): Attention[] {
  const groups = Map.groupBy(
    loud.filter(({ rule }) => !toldByState.includes(rule)),
    ({ group }) => group,
  )
  return [...groups.values()].map((alerts) => {
    const [first] = alerts as [AlertRow]
    const isOne = alerts.length === 1
    const devices = new Set(alerts.flatMap(({ subject }) => subject.device ?? []))
    return {
      kind: 'alert',
      severity: first.severity === 'critical' ? 'error' : 'warning',
      sentence: isOne ? sentenceOf(first) : `${titleOf('firing', first, alerts.length)}. ${sentenceOf(first)}`,
      device: isOne ? first.subject.device : null,
      deployment: first.subject.deployment,
      devices: devices.size,
      action: {
        text: 'Read what it rests on, and acknowledge it.',
        target: isOne ? { page: 'alert', alert: first.alert } : { page: 'alerts' },
      },
    }
  })
}
