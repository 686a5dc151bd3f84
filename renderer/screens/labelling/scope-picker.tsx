import { Select } from '@mantine/core'
import { QueryBox } from '../../components/query-box.tsx'
import { useQuery } from '../../data/use-query.ts'
import { reasons, reasonTitles, type LabellingView, type Reason } from './labelling-view.ts'
import styles from './labelling.module.css'

/** Which samples are worked on: of a version, a deployment, devices, and at the desk of one kind. */
export function ScopePicker({ view, onView }: { view: LabellingView; onView(change: Partial<LabellingView>): void }) {
  const versions = useQuery('models.list', {}).data?.versions ?? []
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  const named = versions.toReversed().map(({ model, version }) => ({ value: `${model}@${version}`, label: `${model} ${version}` }))
  const chosen = view.model === '' ? null : `${view.model}@${view.version}`
  // A version that the registry does not have can stand in the address; samples of it are there all the same.
  const known = chosen === null || named.some(({ value }) => value === chosen) ? named : [{ value: chosen, label: chosen }, ...named]
  return (
    <div className={styles.scope}>
      <Select
        aria-label="Model version"
        placeholder="All versions"
        data={known}
        value={chosen}
        onChange={(value) => {
          const at = value?.lastIndexOf('@') ?? -1
          onView(value === null ? { model: '', version: '' } : { model: value.slice(0, at), version: value.slice(at + 1) })
        }}
        searchable
        clearable
      />
      <Select
        aria-label="Deployment"
        placeholder="All deployments"
        data={[
          ...new Set([...deployments.map(({ deployment }) => String(deployment)), ...(view.deployment === '' ? [] : [view.deployment])]),
        ]}
        value={view.deployment === '' ? null : view.deployment}
        onChange={(deployment) => onView({ deployment: deployment ?? '' })}
        clearable
      />
      {view.tab === 'desk' && (
        <Select
          aria-label="Kind of sample"
          placeholder="All kinds"
          data={reasons.map((reason) => ({ value: reason, label: reasonTitles[reason] }))}
          value={view.reason === '' ? null : view.reason}
          onChange={(reason) => onView({ reason: reasons.find((one: Reason) => one === reason) ?? '' })}
          clearable
        />
      )}
      <div className={styles.scopeQuery}>
        <QueryBox value={view.query} onChange={(query) => onView({ query })} label="Devices" />
      </div>
    </div>
  )
}
