import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { FallbackDialog } from './fallback-dialog.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './deployment.module.css'

type Fallback = OutputOf<'approvals.fallbacks'>['fallbacks'][number]

/** What devices of a deployment go back to where they have no last good version. @param models models that the deployment has */
export function FallbackSection({ deployment, models }: { deployment: string; models: readonly string[] }) {
  const answer = useQuery('approvals.fallbacks', {})
  const [isChoosing, setChoosing] = useState(false)
  const set = useCommand('approvals.setFallback')
  const current = answer.data?.fallbacks.find((one) => one.deployment === deployment) ?? null
  const giveBack = (of: Fallback | null): void =>
    void set.run({ deployment, model: of?.model ?? null, version: of?.version ?? null }).catch(() => undefined)
  const remove = async (): Promise<void> => {
    await set.run({ deployment, model: null, version: null })
    showDone(`${deployment} has no fallback version any more.`, { undo: () => giveBack(current) })
  }
  return (
    <Section
      title="Fallback version"
      actions={
        <>
          <CopyAsCommand
            command={`npm run -s muster -- deployments fallback ${current === null ? 'list' : `set ${shellWord(deployment)} ${shellWord(`${current.model}@${current.version}`)}`}`}
            isIcon
          />
          {current !== null && (
            <MayButton method="approvals.setFallback" onClick={() => void remove().catch(() => undefined)}>
              Remove
            </MayButton>
          )}
          <MayButton method="approvals.setFallback" onClick={() => setChoosing(true)}>
            {current === null ? 'Set a fallback' : 'Change'}
          </MayButton>
        </>
      }
    >
      <Answered answer={answer}>
        {() =>
          current === null ? (
            <p className="dim">None. A revert passes over devices that have no last good version of their own.</p>
          ) : (
            <>
              <div className={styles.version}>
                <RouteLink href={paths.version(current.model, current.version)} className="foreign">
                  {current.model} {current.version}
                </RouteLink>
                <span className="dim">
                  set by <span className="foreign">{current.by}</span>, <Ago at={current.at} />
                </span>
              </div>
              <p className="dim">A revert gives it to devices that have no last good version of their own; they fetch it.</p>
            </>
          )
        }
      </Answered>
      {isChoosing && (
        <FallbackDialog deployment={deployment} models={models} current={current} onUndo={giveBack} onClose={() => setChoosing(false)} />
      )}
    </Section>
  )
}
