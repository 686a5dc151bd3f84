import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { formatExact } from '../../components/format.ts'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { momentText } from './monitoring-words.ts'
import type { TabProps } from './tab-props.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './version.module.css'

/**
 * Takes what is on screen as the good period of a device, or forgets the one that was taken. Where a window is picked, only the time before it
 * is taken: the last windows are often those that made a person look.
 */
export function BaselineActions({ of, view, span }: Pick<TabProps, 'of' | 'view' | 'span'>) {
  const { device, at } = view
  const set = useCommand('monitoring.setBaseline', { isShownInPlace: true })
  const client = useQueryClient()
  const [asked, ask] = useState<'set' | 'forget' | null>(null)
  const isCut = at > span.from && at < span.through
  const period = isCut ? { from: span.from, through: at } : span
  const close = (): void => {
    set.reset()
    ask(null)
  }
  const act = async (): Promise<void> => {
    await set.run({ device, deployment: of.deployment, ...(asked === 'set' ? period : { from: null, through: null }) })
    showDone(asked === 'set' ? `${device} is compared with this period from now on.` : `The baseline of ${device} is forgotten.`)
    close()
    // What is measured against it is asked by the clock otherwise.
    await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('monitoring.') })
  }
  return (
    <div className={styles.baseline}>
      <MayButton method="monitoring.setBaseline" size="compact-xs" onClick={() => ask('set')}>
        {isCut ? `Make the time before ${momentText(at, span.through)} the baseline` : 'Make this period the baseline'}
      </MayButton>
      <MayButton method="monitoring.setBaseline" size="compact-xs" onClick={() => ask('forget')}>
        Forget the baseline
      </MayButton>
      <Confirm
        isOpen={asked !== null}
        title={asked === 'set' ? `Baseline of ${device}` : `Forget the baseline of ${device}`}
        action={asked === 'set' ? 'Make it the baseline' : 'Forget it'}
        isDangerous={false}
        isBusy={set.isRunning}
        onConfirm={() => {
          // What fails is told in place; the question stays open.
          act().catch(() => undefined)
        }}
        onClose={close}
      >
        {set.problem !== null && <ProblemBox problem={set.problem} />}
        {asked === 'set'
          ? `Drift of ${device} is then measured against ${formatExact(period.from)} to ${formatExact(period.through)}. It must have been healthy in that time; pick a window in the map to take only what was before it.`
          : 'The next healthy windows make another.'}
      </Confirm>
    </div>
  )
}
