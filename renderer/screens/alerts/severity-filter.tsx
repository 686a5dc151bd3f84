import { SegmentedControl } from '@mantine/core'
import { alertSeverities, type AlertSeverity } from '../../../shared/domain/alert.ts'

const words: Record<AlertSeverity, string> = { info: 'Any severity', warning: 'Warning', critical: 'Critical' }

/** The least severity that is shown. */
export function SeverityFilter({ severity, onChange }: { severity: AlertSeverity; onChange(severity: AlertSeverity): void }) {
  return (
    <SegmentedControl
      aria-label="Least severity"
      value={severity}
      onChange={(value) => onChange(alertSeverities.find((one) => one === value) ?? 'info')}
      data={alertSeverities.map((value) => ({ value, label: words[value] }))}
    />
  )
}
