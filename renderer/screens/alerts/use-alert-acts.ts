import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import type { Alert } from '../../../shared/domain/alert.ts'
import { doneText } from './alert-words.ts'

export interface AlertActs {
  isBusy: boolean
  acknowledge(alerts: readonly number[], note?: string): Promise<void>
  unacknowledge(alerts: readonly number[]): Promise<void>
  note(alert: number, note: string): Promise<void>
}

/** What a person does with alerts; each can be taken back for a moment. */
export function useAlertActs(): AlertActs {
  const acknowledge = useCommand('alerts.acknowledge')
  const unacknowledge = useCommand('alerts.unacknowledge')
  const note = useCommand('alerts.note')
  return {
    isBusy: acknowledge.isRunning || unacknowledge.isRunning || note.isRunning,
    async acknowledge(alerts, words = '') {
      const { changed } = await acknowledge.run({ alerts: [...alerts], note: words })
      showDone(doneText(changed, 'acknowledged'), {
        undo: () => void unacknowledge.run({ alerts: [...alerts] }).catch(() => undefined),
      })
    },
    async unacknowledge(alerts) {
      const { changed } = await unacknowledge.run({ alerts: [...alerts] })
      showDone(doneText(changed, 'open for somebody again'))
    },
    async note(alert, words) {
      await note.run({ alert, note: words })
    },
  }
}

/** Of some alerts, those that can be acknowledged. */
export function toAcknowledge(alerts: readonly Alert[]): number[] {
  return alerts.filter(({ state, acknowledged }) => state !== 'resolved' && acknowledged === null).map(({ alert }) => alert)
}
