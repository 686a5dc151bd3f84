import { Autocomplete, Button, TextInput } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../../../components/answered.tsx'
import { QueryBox } from '../../../../components/query-box.tsx'
import { paths } from '../../../../data/paths.ts'
import { useQuery } from '../../../../data/use-query.ts'
import { ChooseVersion } from '../../../deployments/choose-version.tsx'
import { versionNamed } from '../../../deployments/version-options.ts'
import { At } from '../fields/findings.tsx'
import { Part } from '../fields/part.tsx'
import { deploymentOf } from '../plan/plan-draft.ts'
import type { SectionProps } from './section-props.ts'
import styles from '../wizard.module.css'

/** The questions that everybody answers: which version, where on the device, on which devices. */
export function WhatSection({ draft, onChange, preview, onPending }: SectionProps & { onPending(isPending: boolean): void }) {
  return (
    <>
      <Part title="What">
        <At place="version">
          <Versions draft={draft} onChange={onChange} preview={preview} />
        </At>
        <div className={styles.pair}>
          <DeploymentField draft={draft} onChange={onChange} />
          <At place="name">
            <TextInput
              label="Name"
              description="In lists and in the log."
              placeholder={draft.model === '' ? 'Version and deployment' : `${draft.model} ${draft.version} to ${deploymentOf(draft)}`}
              value={draft.name}
              maxLength={120}
              onChange={(event) => onChange({ name: event.currentTarget.value })}
            />
          </At>
        </div>
      </Part>
      <Part title="Where">
        <At place="query">
          <QueryBox
            value={draft.query}
            onChange={(query) => onChange({ query })}
            onPending={onPending}
            label="Devices of the rollout"
            placeholder="The whole fleet. Try: site = lyon and tag:camera"
          />
          <p className={styles.about}>Asked again all the time: a device that joins later enters with the same waves, pace and gates.</p>
        </At>
      </Part>
    </>
  )
}

function Versions({ draft, onChange, preview }: SectionProps) {
  const models = useQuery('models.list', {})
  return (
    <Answered answer={models}>
      {({ versions }) =>
        versions.length === 0 ? (
          <EmptyState
            title="There is no model to roll out yet"
            actions={
              <Button component={RouteLink} href={paths.importModel}>
                Import a model
              </Button>
            }
          >
            A version is imported from an ONNX file or a folder of MLflow.
          </EmptyState>
        ) : (
          <>
            <ChooseVersion
              versions={versions}
              chosen={versionNamed(versions, draft.model, draft.version)}
              asked={{ model: draft.model, version: draft.version }}
              onChoose={({ model, version }) => onChange({ model, version })}
            />
            <AliasChoice draft={draft} onChange={onChange} preview={preview} />
          </>
        )
      }
    </Answered>
  )
}

/** A version may be named by an alias: which version that is is decided when the rollout starts. */
function AliasChoice({ draft, onChange }: SectionProps) {
  const versions = useQuery('models.list', {}).data?.versions ?? []
  const chosen = versionNamed(versions, draft.model, draft.version)
  if (chosen === null || chosen.aliases.length === 0) return null
  return (
    <div className={styles.chips} role="group" aria-label="Roll out by version or alias">
      <span className="dim">Roll out</span>
      {[chosen.version, ...chosen.aliases].map((name) => (
        <button
          key={name}
          type="button"
          className={styles.chip}
          aria-pressed={draft.version === name}
          onClick={() => onChange({ version: name })}
        >
          {name}
        </button>
      ))}
      {draft.version !== chosen.version && <span className="dim">what it stands for when the rollout starts; now {chosen.version}</span>}
    </div>
  )
}

function DeploymentField({ draft, onChange }: Pick<SectionProps, 'draft' | 'onChange'>) {
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  return (
    <At place="deployment">
      <Autocomplete
        label="Deployment"
        description="The place on the device that it fills."
        placeholder={deploymentOf({ ...draft, deployment: '' }) || 'The name of the model'}
        value={draft.deployment}
        onChange={(deployment) => onChange({ deployment })}
        data={deployments.map(({ deployment }) => deployment)}
        maxLength={64}
        spellCheck={false}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
    </At>
  )
}
