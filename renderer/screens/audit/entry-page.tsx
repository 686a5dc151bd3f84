import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { EntryBody } from './entry-body.tsx'
import styles from './audit.module.css'

/** One entry on a page of its own. */
export function AuditEntry({ entry }: { entry: number }) {
  const isNumber = Number.isSafeInteger(entry) && entry > 0
  const answer = useQuery('audit.show', { seq: entry }, { enabled: isNumber })
  const isUnknown = !isNumber || (answer.data === undefined && answer.error?.code === 'audit.not-found')
  return (
    <Screen
      title={`Entry ${isNumber ? entry : ''}`}
      beside={<RouteLink href={paths.audit()}>All entries</RouteLink>}
      actions={<CopyAsCommand command={`npm run -s muster -- audit show ${isNumber ? entry : 1}`} isIcon />}
    >
      {isUnknown ? (
        <EmptyState title="There is no such entry" actions={<RouteLink href={paths.audit()}>Go to the log</RouteLink>}>
          The log may be shorter than the link says. If entries are gone, Verify the log shows it.
        </EmptyState>
      ) : (
        <div className={styles.entryPage}>
          <Answered answer={answer}>{(shown) => <EntryBody entry={shown} />}</Answered>
        </div>
      )}
    </Screen>
  )
}
