import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import { IconRefresh, IconUpload, IconX } from '@tabler/icons-react'
import { useRef } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatBytes } from '../../../components/format.ts'
import { Progress } from '../../../components/progress.tsx'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { fileRoles, roleNames, roleUses } from './file-roles.ts'
import styles from './import.module.css'
import type { GivenFile, UploadDesk } from './upload-desk.ts'
import type { Uploads } from './use-uploads.ts'

/** The files of an import: drop or choose them, see how far they are sent, say what each one is. */
export function FilesSection({ uploads, isLocked }: { uploads: Uploads; isLocked: boolean }) {
  const { files, desk } = uploads
  return (
    <Section title="Files">
      {files.length > 0 && (
        <ul className={styles.files} aria-label="Files of this import">
          {files.map((file) => (
            <FileLine key={file.id} file={file} desk={desk} isLocked={isLocked} />
          ))}
        </ul>
      )}
      {!isLocked && <Chooser isSmall={files.length > 0} onFiles={(given) => desk.add(given)} />}
    </Section>
  )
}

function Chooser({ isSmall, onFiles }: { isSmall: boolean; onFiles(files: readonly File[]): void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className={isSmall ? `${styles.drop} ${styles.small}` : styles.drop}>
      {!isSmall && <strong>Drop the files or the folder of a model anywhere on this page</strong>}
      <Button variant={isSmall ? 'default' : 'filled'} leftSection={<IconUpload size={14} />} onClick={() => input.current?.click()}>
        {isSmall ? 'Add files' : 'Choose files'}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".onnx,.csv,.json"
        aria-label="Choose files"
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files !== null) onFiles([...files])
          // The same file can be chosen again after it was changed.
          event.currentTarget.value = ''
        }}
      />
      {isSmall ? (
        <span className="dim">or drop them anywhere on this page</span>
      ) : (
        <ul className="dim">
          {fileRoles.map((role) => (
            <li key={role}>
              <span>{roleNames[role]}</span>
              <span>{roleUses[role]}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function FileLine({ file, desk, isLocked }: { file: GivenFile; desk: UploadDesk; isLocked: boolean }) {
  const isSending = file.role !== null && file.ticket === null && file.problem === null
  return (
    <li>
      <div className={styles.file}>
        <Select
          aria-label={`What ${file.name} is`}
          placeholder="Not used"
          data={fileRoles.map((role) => ({ value: role, label: roleNames[role] }))}
          value={file.role}
          allowDeselect={false}
          disabled={isLocked}
          onChange={(role) => {
            if (role !== null) desk.setRole(file.id, role)
          }}
        />
        <span className={`${styles.name} foreign`} title={file.name}>
          {file.name} <span className="dim">{formatBytes(file.sizeBytes)}</span>
        </span>
        <span>
          {file.role === null && <StateMark state="attention" word="not part of an import" />}
          {file.ticket !== null && <StateMark state="ok" word="sent" />}
          {file.problem !== null && !isLocked && (
            <Tooltip label="Send it again">
              <ActionIcon size="sm" aria-label={`Send ${file.name} again`} onClick={() => desk.retry(file.id)}>
                <IconRefresh size={14} />
              </ActionIcon>
            </Tooltip>
          )}
          {!isLocked && (
            <Tooltip label={isSending ? 'Stop sending it' : 'Take it off'}>
              <ActionIcon
                size="sm"
                aria-label={`${isSending ? 'Stop sending' : 'Take off'} ${file.name}`}
                onClick={() => desk.remove(file.id)}
              >
                <IconX size={14} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </div>
      {isSending && <Progress share={file.share} label={`Sending ${file.name}`} />}
      {file.problem !== null && <ProblemBox problem={file.problem} />}
    </li>
  )
}
