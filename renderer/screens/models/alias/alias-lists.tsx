import { ActionIcon, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { cliLines } from '../cli-lines.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from '../models.module.css'
import { useAliasMoves } from './use-alias-moves.ts'

type Known = OutputOf<'models.aliases'>

/** Aliases of a model and what happened to them. @param version only the history of what touched this version */
export function AliasLists({ model, version }: { model: string; version?: string }) {
  const answer = useQuery('models.aliases', { model })
  const moves = useAliasMoves(model)
  const move = (alias: string, to: string | null): void => {
    // The notice says what failed.
    moves.move(alias, to).catch(() => undefined)
  }
  return (
    <Answered answer={answer}>
      {({ aliases, history }) => {
        const shown = version === undefined ? history : history.filter(({ from, to }) => from === version || to === version)
        return (
          <>
            <Section title="Aliases" actions={<CopyAsCommand command={cliLines.aliases(model)} isIcon />}>
              {aliases.length === 0 ? (
                <EmptyState title="No alias yet">
                  An alias such as production is a name that moves from version to version, so that a deployment can ask for it.
                </EmptyState>
              ) : (
                <AliasTable model={model} aliases={aliases} isBusy={moves.isRunning} onRemove={(alias) => move(alias, null)} />
              )}
            </Section>
            {history.length > 0 && (
              <Section title={version === undefined ? 'What moved' : `What moved to or from ${version}`}>
                {shown.length === 0 ? (
                  <p className="dim">No alias has stood for this version.</p>
                ) : (
                  <History
                    history={shown}
                    newest={newestOf(history)}
                    isBusy={moves.isRunning}
                    onUndo={({ alias, from }) => move(alias, from)}
                  />
                )}
              </Section>
            )}
          </>
        )
      }}
    </Answered>
  )
}

function AliasTable({
  model,
  aliases,
  isBusy,
  onRemove,
}: {
  model: string
  aliases: Known['aliases']
  isBusy: boolean
  onRemove(alias: string): void
}) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Alias</th>
          <th scope="col">Stands for</th>
          <th scope="col">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {aliases.map(({ alias, version, at, by }) => (
          <tr key={alias}>
            <th scope="row">
              <span className={`${styles.chip} foreign`} data-alias={alias}>
                {alias}
              </span>
            </th>
            <td>
              <RouteLink href={paths.version(model, version)}>{version}</RouteLink>
              <div className="dim foreign">
                since <Ago at={at} />, {by}
              </div>
            </td>
            <td data-numeric>
              <Tooltip label={`Remove ${alias}; it can be undone`}>
                <ActionIcon size="sm" aria-label={`Remove the alias ${alias}`} disabled={isBusy} onClick={() => onRemove(alias)}>
                  <IconX size={14} />
                </ActionIcon>
              </Tooltip>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type Change = Known['history'][number]

/** The newest change of each alias: only that one can be taken back. */
function newestOf(history: readonly Change[]): ReadonlySet<Change> {
  const newest = new Map<string, Change>()
  for (const change of history) if (!newest.has(change.alias)) newest.set(change.alias, change)
  return new Set(newest.values())
}

function History({
  history,
  newest,
  isBusy,
  onUndo,
}: {
  history: readonly Change[]
  newest: ReadonlySet<Change>
  isBusy: boolean
  onUndo(change: Change): void
}) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Move</th>
          <th scope="col">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {history.map((change) => (
          <tr key={`${change.alias} ${change.at}`}>
            <th scope="row">
              <span className="foreign">{change.alias}</span> <Stood version={change.from} otherwise="new" /> →{' '}
              <Stood version={change.to} otherwise="removed" />
              <div className="dim foreign">
                <Ago at={change.at} />, {change.by}
              </div>
            </th>
            <td data-numeric>
              {newest.has(change) && (
                <MayButton
                  method="models.setAlias"
                  size="compact-xs"
                  disabled={isBusy}
                  onClick={() => onUndo(change)}
                  aria-label={`Undo the last move of ${change.alias}`}
                >
                  Undo
                </MayButton>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A version that an alias stood for, or the word for none. */
function Stood({ version, otherwise }: { version: string | null; otherwise: string }) {
  return version === null ? <span className="dim">{otherwise}</span> : <span className="mono">{version}</span>
}
