import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { ForwardShown } from '../../../../shared/rpc/contract/forward.ts'
import { Answered } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { draftOfForward, freshForward, type ForwardDraft } from './forward-draft.ts'
import { ForwardEditor } from './forward-editor.tsx'
import { ForwardEvents } from './forward-events.tsx'
import { ForwardTable } from './forward-table.tsx'

/** Where events and telemetry go out to. */
export function DataOutSettings() {
  // What waits changes with every record: no topic tells of it.
  const answer = useQuery('forward.list', {}, { everyMs: 5000 })
  const [draft, edit] = useState<ForwardDraft | null>(null)
  const [told, showEvents] = useState<ForwardShown | null>(null)
  return (
    <Section
      title="Data out"
      actions={
        <>
          <MayButton method="forward.set" leftSection={<IconPlus size={14} />} onClick={() => edit(freshForward('webhook'))}>
            Webhook
          </MayButton>
          <MayButton method="forward.set" leftSection={<IconPlus size={14} />} onClick={() => edit(freshForward('postgres'))}>
            PostgreSQL
          </MayButton>
          <CopyAsCommand command="npm run -s muster -- forward list" isIcon />
        </>
      }
    >
      <p>
        Events of the fleet to other programs, and a copy of telemetry to a database. Alerts have channels of their own. Nothing leaves this
        console before somebody sets it here.
      </p>
      <Answered answer={answer}>
        {({ forwards }) =>
          forwards.length === 0 ? (
            <p className="dim">Nothing goes out.</p>
          ) : (
            <ForwardTable forwards={forwards} onEdit={(one) => edit(draftOfForward(one))} onEvents={showEvents} />
          )
        }
      </Answered>
      {draft !== null && <ForwardEditor draft={draft} onClose={() => edit(null)} />}
      {told !== null && <ForwardEvents forward={told} onClose={() => showEvents(null)} />}
    </Section>
  )
}
