import { useCallback, useEffect, useState } from 'react'
import { callHost, type HostBridge } from '../../../../shared/host/bridge.ts'
import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import { useLink } from '../../../data/link-context.ts'
import { uploadFile } from '../../../data/upload.ts'
import { hostBridge } from '../../../transport/choose-link.ts'
import type { Link } from '../../../transport/link.ts'
import { isExported, takeHandedFiles } from '../import/handed-files.ts'
import { FileSender, noFile, type SentFile } from './sent-file.ts'

/** The .muster file of this page: the one that the system opened with the console, or one that the person chose. @param opened changes with every file that is opened */
export function useBundleFile(opened: string) {
  const link = useLink()
  const [file, setFile] = useState<SentFile>(noFile)
  const [sender] = useState(
    () =>
      new FileSender({
        // Whether it could be discarded changes nothing for the person: the core clears it after a while by itself.
        discard: (ticket) => void link.call('models.discardUpload', { tickets: [ticket] }).catch(() => undefined),
        onChange: setFile,
      }),
  )
  useEffect(() => {
    const bridge = hostBridge()
    if (bridge !== null && opened !== '') void sendOpened(bridge, link, sender)
  }, [link, sender, opened])
  useEffect(() => () => sender.clear(), [sender])
  const choose = useCallback(
    (given: readonly File[]) => {
      const [first] = given
      if (first !== undefined) sender.send(first.name, (told) => uploadFile(link, first, told))
    },
    [link, sender],
  )
  useEffect(() => {
    const handed = takeHandedFiles().filter(isExported)
    if (handed.length > 0) choose(handed)
  }, [choose])
  return { file, sender, choose }
}

/** Sends the file that the desktop was told to open; the page never sees where it lies. */
async function sendOpened(bridge: HostBridge, link: Link, sender: FileSender): Promise<void> {
  try {
    const { file } = await callHost(bridge, 'host.takeOpenedFile', {})
    if (file === null) return
    const { handle, name, sizeBytes } = file
    sender.send(name, async ({ onTicket }) => {
      const { ticket } = await link.call('models.beginUpload', { fileName: name, sizeBytes })
      onTicket(ticket)
      await callHost(bridge, 'host.sendFile', { handle, ticket })
      return ticket
    })
  } catch (error) {
    sender.fail(error instanceof Problem ? error.toReport() : reportOf(error))
  }
}
