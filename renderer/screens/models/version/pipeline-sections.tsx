import type { Manifest } from '../../../../shared/domain/bundle.ts'
import {
  columnWords,
  postprocessingWords,
  preprocessingWords,
  validationWords,
  type PipelineWords,
} from '../../../../shared/inference/words.ts'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import versionStyles from './version.module.css'

/** Columns that are told in words; a table of thousands stands below. */
const MOST_COLUMNS = 50

/** What the bundle does around its model, in words: the columns of a request, the steps before and after the model, the rules. */
export function PipelineSections({ manifest }: { manifest: Pick<Manifest, 'preprocessing' | 'postprocessing' | 'validation'> }) {
  const columns = columnWords(manifest.preprocessing)
  const before = preprocessingWords(manifest.preprocessing)
  const after = postprocessingWords(manifest)
  const rules = validationWords(manifest)
  return (
    <>
      {columns.length > 0 && (
        <Section title={`What a request has (${formatCount(columns.length)})`}>
          <Words entries={columns.slice(0, MOST_COLUMNS)} />
        </Section>
      )}
      <Section title="Preprocessing">
        {before.length === 0 ? <p className="dim">None: values go into the model as they come.</p> : <Words entries={before} />}
      </Section>
      {after.length > 0 && (
        <Section title="Postprocessing">
          <Words entries={after} />
        </Section>
      )}
      {rules.length > 0 && (
        <Section title="Rules">
          <Words entries={rules} />
        </Section>
      )}
    </>
  )
}

function Words({ entries }: { entries: readonly PipelineWords[] }) {
  return (
    <ol className={versionStyles.steps}>
      {entries.map(({ name, text }, i) => (
        <li key={`${name} ${i}`}>
          <span className="mono foreign">{name}</span> <span className="dim">{text}</span>
        </li>
      ))}
    </ol>
  )
}
