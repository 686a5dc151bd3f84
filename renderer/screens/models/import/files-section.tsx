import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import { IconFolder, IconRefresh, IconUpload, IconX } from '@tabler/icons-react'
import { useRef } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatBytes } from '../../../components/format.ts'
import { Progress } from '../../../components/progress.tsx'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { filesInFolder } from './dropped-files.ts'
import { fileRoles, roleNames, roleUses } from './file-roles.ts'
import styles from './import.module.css'
import type { GivenFile, UploadDesk } from './upload-desk.ts'
import type { Uploads } from './use-uploads.ts'

/** The files of an import: drop or choose them, see how far they are sent, say what each one is. */
export function FilesSection({
  uploads: { files, desk },
  isLocked,
  onFiles,
}: {
  uploads: Uploads
  isLocked: boolean
  onFiles(files: readonly File[]): void
}) {
  return (
    <Section title="Files">
      {files.length > 0 && (
        <ul className={styles.files} aria-label="Files of this import">
          {files.map((file) => (
            <FileLine key={file.id} file={file} desk={desk} isLocked={isLocked} />
          ))}
        </ul>
      )}
      {!isLocked && <Chooser isSmall={files.length > 0} onFiles={onFiles} />}
    </Section>
  )
}

function Chooser({ isSmall, onFiles }: { isSmall: boolean; onFiles(files: readonly File[]): void }) {
  const input = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  return (
    <div className={isSmall ? `${styles.drop} ${styles.small}` : styles.drop}>
      {!isSmall && <strong>Drop the files or the folder of a model anywhere on this page</strong>}
      <div className={styles.choices}>
        <Button variant={isSmall ? 'default' : 'filled'} leftSection={<IconUpload size={14} />} onClick={() => input.current?.click()}>
          {isSmall ? 'Add files' : 'Choose files'}
        </Button>
        <Button leftSection={<IconFolder size={14} />} onClick={() => folder.current?.click()}>
          {isSmall ? 'Add a folder' : 'Choose a folder'}
        </Button>
      </div>
      {/* Any name is let in: weights beside a model have none of their own. */}
      <ChosenFiles input={input} label="Choose files" onFiles={onFiles} />
      <ChosenFiles input={folder} label="Choose a folder" isFolder onFiles={(files) => onFiles(filesInFolder(files))} />
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

function ChosenFiles({
  input,
  label,
  isFolder = false,
  onFiles,
}: {
  input: React.RefObject<HTMLInputElement | null>
  label: string
  isFolder?: boolean
  onFiles(files: readonly File[]): void
}) {
  return (
    <input
      ref={input}
      type="file"
      multiple
      hidden
      {...(isFolder ? { webkitdirectory: '' } : {})}
      aria-label={label}
      onChange={(event) => {
        const { files } = event.currentTarget
        if (files !== null) onFiles([...files])
        // The same file can be chosen again after it was changed.
        event.currentTarget.value = ''
      }}
    />
  )
}

function FileLine({ file, desk, isLocked }: { file: GivenFile; desk: UploadDesk; isLocked: boolean }) {
  const isSending = file.role !== null && file.ticket === null && file.problem === null
  return (
    <li>
      <div className={styles.file}>
        <Select
          aria-label={`What ${file.name} is`}
          placeholder={file.isJoined ? 'Weights' : 'Not used'}
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
        <span className={styles.state}>
          {file.isJoined && <StateMark state="ok" word="joined with the model" />}
          {file.role === null && !file.isJoined && <StateMark state="offline" word="not part of the import" />}
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
