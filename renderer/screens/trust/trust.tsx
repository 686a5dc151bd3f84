import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import type { Guard } from '../../../shared/rpc/contract/keys.ts'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import styles from './trust.module.css'

const marks: Record<Guard['state'], { state: State; word: string }> = {
  on: { state: 'ok', word: 'On' },
  off: { state: 'offline', word: 'Off' },
  attention: { state: 'attention', word: 'Attention' },
}

/** What protects the fleet: each guard, whether it is on, and the next step. */
export function Trust() {
  const answer = useQuery('trust.show', {}, { everyMs: 60_000, keepsPrevious: true })
  return (
    <Screen
      title="Trust"
      beside={<span className="dim">What protects the fleet, and what is left to you</span>}
      actions={
        <Button component={RouteLink} href={paths.keys}>
          Keys
        </Button>
      }
    >
      <Answered answer={answer}>{({ guards }) => <GuardTable guards={guards} />}</Answered>
    </Screen>
  )
}

function GuardTable({ guards }: { guards: readonly Guard[] }) {
  return (
    <table className={styles.guards} aria-label="Guards">
      <tbody>
        {guards.map((guard) => (
          <tr key={guard.id}>
            <td className={styles.state}>
              <StateMark {...marks[guard.state]} />
            </td>
            <td>
              <div className={styles.title}>{guard.title}</div>
              <div className="dim foreign">{guard.sentence}</div>
            </td>
            <td className={styles.action}>
              {guard.action !== null && guard.action.path !== null && (
                <Button component={RouteLink} href={guard.action.path}>
                  {guard.action.label}
                </Button>
              )}
              {guard.action !== null && guard.action.path === null && guard.action.command !== null && (
                <CopyAsCommand command={guard.action.command} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
