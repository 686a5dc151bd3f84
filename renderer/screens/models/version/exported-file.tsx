import { Button, Group, Stack } from '@mantine/core'
import type { BundleFileWritten } from '../../../../shared/rpc/contract/bundle-files.ts'
import { CodeLine, Copy } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, shortDigest } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { cliLines } from '../cli-lines.ts'
import styles from '../models.module.css'

/** What an export wrote, with the key id that the importing console shows: people compare the two. */
export function ExportedFile({ written, onClose }: { written: BundleFileWritten; onClose(): void }) {
  const { file, sizeBytes, digest, signedBy, hasHoldout } = written
  return (
    <Stack gap="sm">
      <div role="status">
        <StateMark state="ok" word={`Written, ${formatBytes(sizeBytes)}${hasHoldout ? ', with hold-out rows' : ''}`} />
      </div>
      <CodeLine text={file} label="Copy the path" />
      <Facts
        rows={[
          [
            'Signed by',
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
      <p style={{ margin: 0 }}>
        On the other console, choose the file under Models, Import a model, Import a .muster file; it shows the key id, which must be the
        one above. Or:
      </p>
      <CodeLine text={cliLines.importFile(file, signedBy)} label="Copy the command of the import" />
      <Group justify="flex-end">
        <Button variant="filled" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  )
}
