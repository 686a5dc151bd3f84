import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Facts } from '../../../components/facts.tsx'
import { formatNumber } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useQuery } from '../../../data/use-query.ts'

/** Metrics and parameters that the page shows; `muster mlflow origin` prints all. */
const SHOWN = 30

/** The registered version and the training run that a version came from; nothing where a person gave it to the console. */
export function OriginSection({ detail: { model, version } }: { detail: Pick<OutputOf<'models.show'>, 'model' | 'version'> }) {
  const origin = useQuery('sources.origin', { model, version }).data?.origin ?? null
  if (origin === null) return null
  const joined = origin.joined.length === 0 ? null : origin.joined.join(', ')
  if (origin.kind === 'folder')
    return (
      <Section title="Origin">
        <Facts
          rows={[
            ['Folder', origin.folder],
            ['Weights joined from', joined],
          ]}
        />
        {origin.notes.map((note) => (
          <p key={note} className="dim">
            {note}
          </p>
        ))}
      </Section>
    )
  const { run } = origin
  return (
    <Section title="Origin">
      <Facts
        rows={[
          ['MLflow', `${origin.model}, version ${origin.version}`],
          ['Server', origin.url],
          ['Artifact', origin.artifact],
          ['Weights joined from', joined],
          ['Run', run === null ? null : run.name === null ? run.run : `${run.name} (${run.run})`],
          ['By', run?.user ?? null],
          ['Ended', run === null || run.endedAt === null ? null : <Ago key="ended" at={run.endedAt} />],
        ]}
      />
      {run !== null && (
        <Facts
          rows={[
            ...Object.entries(run.metrics)
              .slice(0, SHOWN)
              .map(([name, value]) => [name, value === null ? 'not a number' : formatNumber(value, 4)] as const),
            ...Object.entries(run.params).slice(0, SHOWN),
          ]}
        />
      )}
      {origin.notes.map((note) => (
        <p key={note} className="dim">
          {note}
        </p>
      ))}
    </Section>
  )
}
