import { useEffect, useState } from 'react'
import { useLink } from '../../../data/link-context.ts'
import { uploadFile } from '../../../data/upload.ts'
import { UploadDesk, type GivenFile } from './upload-desk.ts'

export interface Uploads {
  files: readonly GivenFile[]
  desk: UploadDesk
}

/** Files on their way to the core. What was sent is discarded when the page is left, unless a job has taken it. */
export function useUploads(): Uploads {
  const link = useLink()
  const [files, setFiles] = useState<readonly GivenFile[]>([])
  const [desk] = useState(
    () =>
      new UploadDesk({
        send: (file, options) => uploadFile(link, file, options),
        join: async (model, others) => (await import('./join-weights.ts')).joinWeights(model, others),
        // Whether they could be discarded changes nothing for the person: the core clears them after a while by itself.
        discard: (tickets) => void link.call('models.discardUpload', { tickets }).catch(() => undefined),
        makeId: () => crypto.randomUUID(),
        onChange: setFiles,
      }),
  )
  useEffect(() => () => desk.clear(), [desk])
  return { files, desk }
}
