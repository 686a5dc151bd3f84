import { SegmentedControl } from '@mantine/core'
import { useQuery } from '../../data/use-query.ts'
import { referenceKinds, type ReferenceKind } from '../../../shared/domain/alert.ts'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { Sentence } from '../../components/time.tsx'
import { devicesOf, referenceHints, referenceTitles, type Monitored, type VersionView } from './monitoring-view.ts'
import type { ReferenceOf } from './monitoring-words.ts'
import styles from './version.module.css'

const marks: Record<ReferenceOf['state'], State> = { ready: 'ok', 'insufficient data': 'offline', none: 'offline' }
const words: Record<ReferenceOf['state'], string> = { ready: 'ready', 'insufficient data': 'insufficient data', none: 'none' }

/** Chooses what is compared with; one that is not ready says why. */
export function ReferenceSwitch({
  of,
  view,
  span,
  kinds = referenceKinds,
  onChoose,
}: {
  of: Monitored
  view: VersionView
  span: { from: number; through: number }
  kinds?: readonly ReferenceKind[]
  onChoose(reference: ReferenceKind): void
}) {
  const answer = useQuery('monitoring.references', { ...of, ...devicesOf(view), ...span }, { keepsPrevious: true })
  const facts = new Map(answer.data?.references.map((one) => [one.kind, one] as const))
  const chosen = kinds.find((kind) => kind === view.reference) ?? kinds[0]!
  return (
    <div className={styles.reference}>
      <SegmentedControl
        aria-label="Reference"
        data={kinds.map((value) => {
          const known = facts.get(value)
          return {
            value,
            label: (
              <span className={styles.referenceName} title={known?.why ?? referenceHints[value]}>
                {known !== undefined && known.state !== 'ready' && <StateMark state="offline" word={words[known.state]} isBare />}
                {referenceTitles[value]}
              </span>
            ),
          }
        })}
        value={chosen}
        onChange={(value) => onChoose(kinds.find((kind) => kind === value) ?? chosen)}
      />
      <ReferenceLine facts={facts.get(chosen)} kind={chosen} />
    </div>
  )
}

function ReferenceLine({ facts, kind }: { facts: ReferenceOf | undefined; kind: ReferenceKind }) {
  if (facts === undefined) return <span className="dim">{referenceHints[kind]}</span>
  if (facts.state === 'ready')
    return (
      <span className={styles.referenceText} title={facts.id}>
        <Sentence text={facts.name} />
      </span>
    )
  return (
    <span className={styles.referenceText}>
      <StateMark state={marks[facts.state]} word={words[facts.state]} />
    </span>
  )
}
