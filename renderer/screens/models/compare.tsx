import { Button, Select } from '@mantine/core'
import { IconRocket, IconSwitchHorizontal } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { AliasDialog } from './alias/alias-dialog.tsx'
import { cliLines } from './cli-lines.ts'
import { comparePath } from './compare/compare-path.ts'
import { ComparedVersions } from './compare/compared-versions.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './models.module.css'

const view = z.object({ with: z.string().max(64).default('') })

/** Two versions side by side; the right one is judged against the left one. */
export function Compare({ model, left, right }: { model: string; left: string; right: string }) {
  const [{ with: other }] = useUrlState(view)
  const rightModel = other === '' ? model : other
  const answer = useQuery(
    'models.compare',
    { model, left, right, ...(rightModel === model ? {} : { rightModel }) },
    { keepsPrevious: true },
  )
  const go = useGo()
  const [isNaming, setNaming] = useState(false)
  const sides = { left: { model, version: left }, right: { model: rightModel, version: right } }
  return (
    <Screen
      title={model === rightModel ? `Compare versions of ${model}` : `Compare ${model} with ${rightModel}`}
      beside={<RouteLink href={paths.model(model)}>All versions</RouteLink>}
      actions={
        <>
          <CopyAsCommand command={cliLines.compare(sides.left, sides.right)} isIcon />
          <MayButton method="models.setAlias" onClick={() => setNaming(true)}>
            Set alias of {right}
          </MayButton>
          <Button
            component={RouteLink}
            href={paths.deploy({ model: rightModel, version: right })}
            variant="filled"
            leftSection={<IconRocket size={14} />}
          >
            Deploy {right}
          </Button>
        </>
      }
    >
      <div className={styles.line}>
        <VersionPicker label="Left" model={model} value={left} onChange={(version) => go(comparePath({ model, version }, sides.right))} />
        <Button
          aria-label="Swap the sides"
          leftSection={<IconSwitchHorizontal size={14} />}
          onClick={() => go(comparePath(sides.right, sides.left))}
        >
          Swap
        </Button>
        <VersionPicker
          label="Right"
          model={rightModel}
          value={right}
          onChange={(version) => go(comparePath(sides.left, { model: rightModel, version }))}
        />
      </div>
      <Answered answer={answer}>{(comparison) => <ComparedVersions comparison={comparison} />}</Answered>
      {isNaming && <AliasDialog model={rightModel} version={right} onClose={() => setNaming(false)} />}
    </Screen>
  )
}

function VersionPicker({
  label,
  model,
  value,
  onChange,
}: {
  label: string
  model: string
  value: string
  onChange(version: string): void
}) {
  const answer = useQuery('models.list', { model })
  const versions = answer.data?.versions ?? []
  const names = versions.map((one) => ({
    value: one.version as string,
    label: one.aliases.length === 0 ? one.version : `${one.version} (${one.aliases.join(', ')})`,
  }))
  // The address may name an alias.
  const known = names.some((one) => one.value === value) ? names : [{ value, label: value }, ...names]
  return (
    <Select
      aria-label={`${label} version of ${model}`}
      data={known}
      value={value}
      allowDeselect={false}
      searchable={known.length > 8}
      onChange={(version) => {
        if (version !== null && version !== value) onChange(version)
      }}
    />
  )
}
