import { Answered } from '../../components/answered.tsx'
import { SidePanel } from '../../components/side-panel.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { EntryBody } from './entry-body.tsx'

/** An entry beside the list. */
export function EntryPanel({ seq, onClose }: { seq: number; onClose(): void }) {
  const answer = useQuery('audit.show', { seq })
  return (
    <SidePanel title={`Entry ${seq}`} fullPath={paths.auditEntry(seq)} onClose={onClose}>
      <Answered answer={answer}>{(entry) => <EntryBody entry={entry} />}</Answered>
    </SidePanel>
  )
}
