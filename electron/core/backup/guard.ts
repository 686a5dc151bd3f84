import type { Guard } from '../trust/guards.ts'
import type { BackupKeeper } from './keeper.ts'
import { backupHealth } from './sentence.ts'

const states = { good: 'on', attention: 'attention', bad: 'attention' } as const

/** The row of backups on the page of guards. */
export function backupGuard(keeper: BackupKeeper, of: { dataDirectory: string; now: number; keys: 'sealed' | 'left-out' }): Guard {
  const { state, sentence } = backupHealth(keeper, of)
  const keysSentence = of.keys === 'sealed' ? '' : ' Keys are left out of them.'
  return {
    ...{ id: 'backups', title: 'Backups are made, checked and kept', sentence: `${sentence}${keysSentence}` },
    state: keeper.schedule.isOn || keeper.list().length > 0 ? states[state] : 'off',
    action:
      state === 'good' && of.keys === 'sealed'
        ? null
        : { label: 'See the backups', path: '/settings?tab=backups', command: 'muster backup' },
  }
}
