import { Button, Modal, Stack } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { CheckResult } from './check-result.tsx'
import { useCheck } from './use-check.ts'
import styles from './reports.module.css'

/** Verifies a file of a report: one that was dropped, or one that is chosen here. */
export function VerifyDialog({ file, onClose }: { file: File | null; onClose(): void }) {
  const check = useCheck()
  const input = useRef<HTMLInputElement>(null)
  const { startFile } = check
  const start = useRef(startFile)
  start.current = startFile
  useEffect(() => {
    if (file !== null) start.current(file)
  }, [file])
  return (
    <Modal opened onClose={onClose} title="Verify a file of a report" size="lg">
      <Stack gap="sm">
        <p className={styles.lead}>
          The console looks who signed it, whether it is as it was signed, and makes every value anew from its store. JSON can be checked on
          any console; the other formats on the one that wrote them.
        </p>
        {check.fileName !== null && <strong className="foreign">{check.fileName}</strong>}
        <CheckResult check={check} />
        {!check.isRunning && (
          <div className={styles.drop}>
            <Button leftSection={<IconUpload size={14} />} onClick={() => input.current?.click()} data-autofocus>
              {check.fileName === null ? 'Choose a file' : 'Choose another file'}
            </Button>
            <input
              ref={input}
              type="file"
              hidden
              aria-label="File of a report"
              accept=".html,.pdf,.zip,.xlsx,.parquet,.json,.md"
              onChange={(event) => {
                const chosen = event.currentTarget.files?.[0]
                if (chosen !== undefined) startFile(chosen)
                // The same file can be chosen again after it was changed.
                event.currentTarget.value = ''
              }}
            />
            <span className="dim">or drop it on the page of reports</span>
          </div>
        )}
      </Stack>
    </Modal>
  )
}
