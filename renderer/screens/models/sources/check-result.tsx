import type { SourceSettings } from '../../../../shared/rpc/contract/sources.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import type { Check } from './use-check.ts'
import styles from './sources.module.css'

/** As many subfolders that are left alone as fit under a row. */
const SHOWN = 5

/** What a place said when it was asked: how much is to be seen there, and what of it is left alone and why. */
export function CheckResult({ check, kind }: { check: Check; kind: SourceSettings['kind'] }) {
  if (check.problem !== null) return <ProblemBox problem={check.problem} />
  if (check.found === null) return null
  const { server, models, ignored } = check.found
  return (
    <div role="status" className={styles.checked}>
      {sentence(kind, server, models)}
      {ignored.length > 0 && (
        <ul>
          {ignored.slice(0, SHOWN).map((one) => (
            <li key={one} className="foreign">
              {one}
            </li>
          ))}
          {ignored.length > SHOWN && <li>and {ignored.length - SHOWN} more</li>}
        </ul>
      )}
    </div>
  )
}

function sentence(kind: SourceSettings['kind'], server: string | null, models: number | null): string {
  const answer = kind === 'folder' ? 'It can be read' : server === null ? 'It answers' : `MLflow ${server} answers`
  if (models === null) return `${answer}.`
  return `${answer}; ${models === 0 ? 'no model is there' : `${plural(models, 'model')} ${models === 1 ? 'is' : 'are'} there`}.`
}
