import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy, IconTerminal2 } from '@tabler/icons-react'
import { asTyped } from './command-style.ts'
import styles from './copy.module.css'

/** Copies a text: an id, a digest, a code. */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon size="sm" aria-label={copied ? 'Copied' : label} onClick={copy}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** Copies what this view or action is on the command line, so that it can be repeated in a script. */
export function CopyAsCommand({ command: shown, isIcon = false }: { command: string; isIcon?: boolean }) {
  const command = asTyped(shown)
  return (
    <CopyButton value={command} timeout={1500}>
      {({ copied, copy }) =>
        isIcon ? (
          <Tooltip label={copied ? 'Copied' : command}>
            <ActionIcon aria-label={copied ? 'Copied' : 'Copy as command'} onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconTerminal2 size={16} />}
            </ActionIcon>
          </Tooltip>
        ) : (
          <Tooltip label={command} multiline maw={480}>
            <Button leftSection={copied ? <IconCheck size={14} /> : <IconTerminal2 size={14} />} onClick={copy}>
              {copied ? 'Copied' : 'Copy as command'}
            </Button>
          </Tooltip>
        )
      }
    </CopyButton>
  )
}

/** A command or code to copy, whole, in a box. */
export function CodeLine({ text: shown, label }: { text: string; label: string }) {
  const text = asTyped(shown)
  return (
    <div className={styles.line}>
      <code tabIndex={0}>{text}</code>
      <Copy value={text} label={label} />
    </div>
  )
}

/** A word as one argument of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
