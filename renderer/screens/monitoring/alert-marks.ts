import type { Mark } from '../../../shared/charts/marks.ts'
import type { Alert } from '../../../shared/domain/alert.ts'

/** Alerts as marks on a time axis: those that fired, for as long as they did. A pending one may still come to nothing. */
export function alertMarks(alerts: readonly Alert[]): Mark[] {
  return alerts
    .filter(({ state, firedAt }) => state !== 'pending' && firedAt !== null)
    .map(({ alert, ruleName, sentence, severity, firedAt, resolvedAt }) => ({
      ...{ id: String(alert), label: `${ruleName}: ${sentence}`, level: severity },
      ...{ from: firedAt!, through: resolvedAt },
    }))
}
