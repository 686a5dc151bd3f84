import { StateMark, type State } from '../../../components/state-mark.tsx'
import type { CarriedOutcome } from '../../../../shared/protocol/carry.ts'

const marks: Record<CarriedOutcome['state'], State> = { active: 'ok', waiting: 'working', failed: 'failed' }

/** What became of a carried order on a device: why nothing was applied, or each deployment with its state. */
export function CarryOutcomes({
  problem,
  deployments,
}: {
  problem: { code: string; message: string } | null
  deployments: Readonly<Record<string, CarriedOutcome>>
}) {
  if (problem !== null)
    return (
      <span className="foreign">
        {problem.message} <span className="mono dim">{problem.code}</span>
      </span>
    )
  const entries = Object.entries(deployments)
  if (entries.length === 0) return <span className="dim">no model ordered</span>
  return entries.map(([name, { state, model, version, problem: why }]) => (
    <div key={name}>
      <StateMark state={marks[state]} word={state} />{' '}
      <span className="foreign">
        {name}: {model} {version}
        {why !== null && `. ${why.message}`}
      </span>
    </div>
  ))
}
