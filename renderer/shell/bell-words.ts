import type { AlertSeverity } from '../../shared/domain/alert.ts'

/** Alerts that need somebody, by how bad they are; what only informs is not counted at the bell. */
export function loudCounts(alerts: readonly { severity: AlertSeverity }[]): { critical: number; others: number; total: number } {
  const critical = alerts.filter(({ severity }) => severity === 'critical').length
  const others = alerts.filter(({ severity }) => severity === 'warning').length
  return { critical, others, total: critical + others }
}

/** The bell in words. */
export function bellText({ critical, others }: { critical: number; others: number }): string {
  const parts = [critical === 0 ? '' : `${critical} critical`, others === 0 ? '' : `${others} warning`].filter((part) => part !== '')
  return parts.length === 0 ? 'Alerts: none' : `Alerts: ${parts.join(', ')}`
}
