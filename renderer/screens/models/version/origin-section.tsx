import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { TrainingRun, VersionOrigin } from '../../../../shared/rpc/contract/sources.ts'
import { Copy, CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatNumber } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { cliLines } from '../cli-lines.ts'
import pageStyles from '../models.module.css'
import styles from './version.module.css'

/** Metrics and parameters that the page shows; `muster mlflow origin` prints all. */
const SHOWN = 30

/** The registered version and the training run that a version came from; nothing where a person gave it to the console. */
export function OriginSection({ detail: { model, version } }: { detail: Pick<OutputOf<'models.show'>, 'model' | 'version'> }) {
  const origin = useQuery('sources.origin', { model, version }).data?.origin ?? null
  if (origin === null) return null
  const joined = origin.joined.length === 0 ? null : origin.joined.join(', ')
  if (origin.kind === 'folder')
    return (
      <Section title="Origin" actions={<CopyAsCommand command={cliLines.origin(model, version)} isIcon />}>
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
  return (
    <Section title="Origin" actions={<CopyAsCommand command={cliLines.origin(model, version)} isIcon />}>
      <div className={pageStyles.halves}>
        <Registered origin={origin} joined={joined} />
        {origin.run !== null && <RunFigures run={origin.run} />}
      </div>
      {origin.notes.map((note) => (
        <p key={note} className="dim">
          {note}
        </p>
      ))}
    </Section>
  )
}

function Registered({ origin, joined }: { origin: Extract<VersionOrigin, { kind: 'mlflow' }>; joined: string | null }) {
  const { run } = origin
  return (
    <Facts
      rows={[
        ['MLflow', `${origin.model}, version ${origin.version}`],
        ['Server', origin.url],
        ['Artifact', origin.artifact],
        ['Weights joined from', joined],
        ['Description', origin.description === '' ? null : origin.description],
        ['Tags', pairsText(origin.tags)],
        ['Run', run === null ? null : (run.name ?? run.run)],
        [
          'Id of the run',
          run === null ? null : (
            <span key="run" className={pageStyles.line}>
              <span className="mono">{run.run}</span> <Copy value={run.run} label="Copy the id of the run" />
            </span>
          ),
        ],
        ['By', run?.user ?? null],
        ['Ended', run === null || run.endedAt === null ? null : <Ago key="ended" at={run.endedAt} />],
      ]}
    />
  )
}

/** What the training said of itself; nobody here has measured it. */
function RunFigures({ run: { metrics, params } }: { run: TrainingRun }) {
  const figures = Object.entries(metrics).map(([name, value]) => [name, value === null ? 'not a number' : formatNumber(value, 4)] as const)
  const settings = Object.entries(params)
  if (figures.length + settings.length === 0) return <p className="dim">The run has no metrics and no parameters.</p>
  return (
    <div>
      <Some title="Metrics of the run" rows={figures} />
      <Some title="Parameters of the run" rows={settings} />
    </div>
  )
}

function Some({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  if (rows.length === 0) return null
  return (
    <>
      <h3 className={styles.figures}>{title}</h3>
      <Facts rows={rows.slice(0, SHOWN)} />
      {rows.length > SHOWN && (
        <p className="dim">
          The first {SHOWN} of {rows.length}; the command line shows all.
        </p>
      )}
    </>
  )
}

function pairsText(pairs: Readonly<Record<string, string>>): string | null {
  const all = Object.entries(pairs).map(([name, value]) => `${name}: ${value}`)
  return all.length === 0 ? null : all.join(', ')
}
