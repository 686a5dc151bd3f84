import { Group, Stack, TextInput } from '@mantine/core'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { Problem } from '../../../../shared/domain/problem.ts'
import { subjectArchive } from '../../../../shared/domain/privacy/subject-archive.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { useLink } from '../../../data/link-context.ts'
import { saveBytes } from '../../../data/save-file.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'

type Found = OutputOf<'privacy.find'>

/** Looks up what is stored about a person; it can be exported, and erased. */
export function ErasePerson({ isReady }: { isReady: boolean }) {
  const [subject, setSubject] = useState('')
  const [found, setFound] = useState<Found | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const link = useLink()
  const look = async (): Promise<void> => {
    setProblem(null)
    try {
      setFound(await link.call('privacy.find', { subject: subject.trim() }))
    } catch (error) {
      setFound(null)
      if (error instanceof Problem) setProblem(error)
    }
  }
  return (
    <Section title="A person" actions={<CopyAsCommand command="npm run -s muster -- privacy subject SUBJECT" isIcon />}>
      <Stack gap="sm">
        <p className="dim">
          {isReady
            ? 'What you write is turned into the hash that devices make of it, and is not kept.'
            : 'Mark the field that says whom a row is about first: until then devices send nothing that leads to a person.'}
        </p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void look()
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label="Subject, as applications on the devices name it"
              w={320}
              maxLength={1024}
              autoComplete="off"
              value={subject}
              onChange={(event) => {
                setSubject(event.currentTarget.value)
                setFound(null)
              }}
            />
            <MayButton
              method="privacy.find"
              type="submit"
              leftSection={<IconSearch size={14} />}
              disabled={!isReady || subject.trim() === ''}
            >
              Look up
            </MayButton>
          </Group>
        </form>
        {problem !== null && <ProblemBox problem={problem} />}
        {found !== null && <FoundPerson found={found} onErased={() => setFound(null)} />}
      </Stack>
    </Section>
  )
}

function FoundPerson({ found, onErased }: { found: Found; onErased(): void }) {
  const [reason, setReason] = useState('')
  const [isAsking, setAsking] = useState(false)
  const erase = useCommand('privacy.erase')
  const note = useCommand('privacy.export')
  const link = useLink()
  const { subject, samples, labels, isErased } = found
  const isReasoned = reason.trim().length >= 3
  const save = async (): Promise<void> => {
    await note.run({ subject, reason: reason.trim() })
    saveBytes(`subject-${subject.slice(0, 8)}.zip`, subjectArchive(await link.call('privacy.data', { subject })), 'application/zip')
    showDone('Everything about the person was written to a ZIP file.')
  }
  return (
    <Stack gap="xs">
      <p>
        <span className="mono">{subject}</span>: {plural(samples, 'sample')} and {plural(labels, 'label')} are stored.
        {isErased && ' This person was erased before; nothing of them is taken in.'}
      </p>
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Why"
          description="Kept in the audit log. Do not name the person."
          w={320}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <MayButton
          method="privacy.export"
          leftSection={<IconDownload size={14} />}
          disabled={!isReasoned}
          loading={note.isRunning}
          onClick={() => void save().catch(() => undefined)}
        >
          Export all of it
        </MayButton>
        <MayButton method="privacy.erase" variant="filled" color="red.9" disabled={!isReasoned || isErased} onClick={() => setAsking(true)}>
          Erase all of it
        </MayButton>
      </Group>
      <Confirm
        isOpen={isAsking}
        title="Erase a person"
        action="Erase for ever"
        typed="erase"
        isBusy={erase.isRunning}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          erase
            .run({ subject, reason: reason.trim() })
            .then(({ devices }) => {
              showDone(`The person is being erased; ${plural(devices, 'device')} to confirm.`)
              onErased()
            })
            .catch(() => undefined)
            .finally(() => setAsking(false))
        }}
      >
        <p>
          Samples, labels and rows of the desk go from the stores, from every backup in the folder, and from what waits on devices. Whatever
          comes about this person later is not taken in. It cannot be undone.
        </p>
      </Confirm>
    </Stack>
  )
}
