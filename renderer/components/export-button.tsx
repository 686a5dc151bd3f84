import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconDownload, IconX } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { saveFile } from '../data/save-file.ts'
import { showDone, showProblem } from '../shell/notices.tsx'
import { Problem, messageOf } from '../../shared/domain/problem.ts'
import { formatPercent } from './format.ts'

/** Makes a file and hands it to the browser; while it is made it says how far it is and can be stopped. */
export function ExportButton({
  label,
  fileName,
  make,
  isIcon = false,
}: {
  label: string
  fileName: string
  make(work: { signal: AbortSignal; onProgress(share: number): void }): Promise<{ text: string; done: string }>
  isIcon?: boolean
}) {
  const [share, setShare] = useState<number | null>(null)
  const stopping = useRef<AbortController | null>(null)
  const start = async (): Promise<void> => {
    const controller = new AbortController()
    stopping.current = controller
    setShare(0)
    try {
      const { text, done } = await make({ signal: controller.signal, onProgress: setShare })
      saveText(fileName, text)
      showDone(done)
    } catch (error) {
      if (!controller.signal.aborted)
        showProblem(error instanceof Problem ? error : new Problem('internal', `${fileName} was not written: ${messageOf(error)}`))
    } finally {
      setShare(null)
    }
  }
  if (share !== null)
    return (
      <Button rightSection={<IconX size={14} />} aria-label={`Stop: ${label}`} onClick={() => stopping.current?.abort()}>
        Exporting {formatPercent(share, 0)}
      </Button>
    )
  return isIcon ? (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => void start()}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  ) : (
    <Button leftSection={<IconDownload size={14} />} onClick={() => void start()}>
      {label}
    </Button>
  )
}

/** Spreadsheets read UTF-8 only with a mark in front; other readers take it for text. */
function saveText(name: string, text: string): void {
  const isTable = name.endsWith('.csv')
  saveFile(name, isTable ? `\u{FEFF}${text}` : text, isTable ? 'text/csv' : 'text/plain')
}
