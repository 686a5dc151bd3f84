import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Copy } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, shortDigest } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import importStyles from '../import/import.module.css'
import styles from '../models.module.css'
import { signerWords, stateWords } from './file-words.ts'

/** What is in a .muster file, and whose signature it has. */
export function FileFacts({ found }: { found: OutputOf<'models.inspectFile'> }) {
  const { model, version, digest, task, sizeBytes, exportedAt, signedBy, hasBaseline, hasGolden, hasHoldout } = found
  const signer = signerWords(found)
  const state = stateWords(found)
  const parts = [hasBaseline && 'baseline', hasGolden && 'golden set', hasHoldout && 'hold-out rows'].filter((part) => part !== false)
  return (
    <Section title={`${model} ${version}`}>
      <div className={importStyles.facts}>
        <Facts
          rows={[
            ['Here', <StateMark state={state.state} word={state.word} />],
            ['Task', task],
            ['Size', formatBytes(sizeBytes)],
            ['With it', parts.length === 0 ? 'nothing but the model' : parts.join(', ')],
            ['Exported', <Ago at={exportedAt} />],
            ['Signature', <StateMark state={signer.state} word={signer.word} />],
            [
              'Key',
              <span key="key" className={styles.line}>
                <span className="mono">{signedBy.match(/.{1,4}/g)?.join(' ')}</span> <Copy value={signedBy} label="Copy the key id" />
              </span>,
            ],
            [
              'Digest',
              <span key="digest" className={styles.line}>
                <span className="mono">{shortDigest(digest)}</span> <Copy value={digest} label="Copy the digest" />
              </span>,
            ],
          ]}
        />
      </div>
    </Section>
  )
}
