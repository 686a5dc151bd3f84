import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { aliasName } from '../../../../shared/domain/ids.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { cliLines } from '../cli-lines.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { offeredAliases, sentenceBefore } from './move-words.ts'
import { useAliasMoves } from './use-alias-moves.ts'

/** Makes an alias stand for a version; says before what moves from where. */
export function AliasDialog({ model, version, onClose }: { model: string; version: string; onClose(): void }) {
  const known = useQuery('models.aliases', { model })
  const { move, isRunning, problem } = useAliasMoves(model, { isShownInPlace: true })
  const [written, setAlias] = useState<string | null>(null)
  const aliases = known.data?.aliases ?? []
  const offered = offeredAliases(aliases.map((one) => one.alias))
  // What the version is called already is not what a person comes for.
  const alias = written ?? offered.find((name) => aliases.find((one) => one.alias === name)?.version !== version) ?? ''
  const name = alias.trim()
  const checked = aliasName.safeParse(name)
  const from = aliases.find((one) => one.alias === name)?.version ?? null
  const isSame = from === version
  const isReady = checked.success && !isSame && known.data !== undefined
  const save = (): void => {
    move(name, version).then(onClose, () => undefined)
  }
  return (
    <Modal opened onClose={onClose} title={`Set an alias of ${model} ${version}`} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !isRunning) save()
        }}
      >
        <Stack gap="sm">
          {known.error !== null && <ProblemBox problem={known.error} onRetry={() => void known.refetch()} />}
          <Group gap={6} role="group" aria-label="Usual aliases">
            {offered.map((one) => (
              <Button
                key={one}
                size="compact-xs"
                aria-pressed={one === name}
                variant={one === name ? 'light' : 'default'}
                onClick={() => setAlias(one)}
              >
                {one}
              </Button>
            ))}
          </Group>
          <TextInput
            label="Alias"
            description="One of the above, or a name of your own"
            value={alias}
            onChange={(event) => setAlias(event.currentTarget.value)}
            maxLength={64}
            spellCheck={false}
            error={checked.success || name === '' ? null : checked.error.issues[0]?.message}
            data-autofocus
          />
          <div role="status">
            {checked.success && <strong>{sentenceBefore({ alias: name, from, to: version })}</strong>}
            <div className="dim">Deployments that run are not changed. Whoever deploys the alias from now on gets {version}.</div>
          </div>
          {problem !== null && <ProblemBox problem={problem} />}
          {checked.success && <CodeLine text={cliLines.setAlias(model, version, name)} label="Copy as command" />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="models.setAlias" type="submit" variant="filled" disabled={!isReady} loading={isRunning}>
              {from === null ? 'Set the alias' : 'Move the alias'}
            </MayButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
