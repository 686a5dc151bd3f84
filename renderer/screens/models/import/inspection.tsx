import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { InspectedModel } from './inspected-model.tsx'
import { RowsPreview } from './rows-preview.tsx'

type Inspected = OutputOf<'models.inspect'>

/** What the files of an import say, before anything is stored. */
export function Inspection({ inspected, isAsked }: { inspected: Inspected | undefined; isAsked: boolean }) {
  if (inspected === undefined) {
    return (
      <Section title="What the files say">
        <p className="dim" role="status">
          {isAsked
            ? 'Reading the files.'
            : 'Before anything is stored, this shows inputs and outputs, the columns of the rows, and what would be refused.'}
        </p>
      </Section>
    )
  }
  const { model, bundle, train, holdout } = inspected
  return (
    <>
      {model !== null && <InspectedModel model={model} />}
      {bundle !== null && <InspectedBundle bundle={bundle} />}
      {train !== null && <RowsPreview title="Training rows" rows={train} />}
      {holdout !== null && <RowsPreview title="Hold-out rows" rows={holdout} />}
    </>
  )
}

function InspectedBundle({ bundle }: { bundle: NonNullable<Inspected['bundle']> }) {
  return (
    <Section title={bundle.fileName}>
      {bundle.problem === null ? (
        <p>It says something about {bundle.fields.join(', ') || 'nothing'}.</p>
      ) : (
        <ProblemBox problem={bundle.problem} />
      )}
    </Section>
  )
}
