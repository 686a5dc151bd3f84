import { versionStageMeanings, type VersionStage } from '../../../../shared/domain/version-stage.ts'
import { StateMark, type State } from '../../../components/state-mark.tsx'

const states: Record<VersionStage, State> = {
  draft: 'offline',
  evaluated: 'working',
  approved: 'ok',
  released: 'ok',
  withdrawn: 'attention',
}

/** How far a version is on its way to devices. */
export function StageMark({ stage }: { stage: VersionStage }) {
  return (
    <span title={versionStageMeanings[stage]}>
      <StateMark state={states[stage]} word={stage} />
    </span>
  )
}
