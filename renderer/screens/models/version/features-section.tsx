import { Button, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo } from 'react'
import { z } from 'zod'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { FeatureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatCount, formatNumber, formatPercent, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { useUrlState } from '../../../data/url-state.ts'
import { useQuery } from '../../../data/use-query.ts'
import styles from '../models.module.css'
import { Histogram } from './histogram.tsx'

type Detail = OutputOf<'models.show'>

/** Features per page; as many baselines are asked for. */
const PAGE = 100

const view = z.object({
  tab: z.string().default(''),
  feature: z.string().max(200).default(''),
  page: z.coerce.number().int().min(0).max(1000).default(0),
})

/** The schema of the features with the distribution of each in the training rows. */
export function FeaturesSection({ detail }: { detail: Detail }) {
  const { model, version, manifest, baselineRows } = detail
  const { features } = manifest.schema
  const [state, change] = useUrlState(view)
  const wanted = state.feature.trim().toLowerCase()
  const found = useMemo(
    () => features.map((feature, index) => ({ feature, index })).filter(({ feature }) => feature.name.toLowerCase().includes(wanted)),
    [features, wanted],
  )
  const pages = Math.max(1, Math.ceil(found.length / PAGE))
  const page = Math.min(state.page, pages - 1)
  const shown = found.slice(page * PAGE, page * PAGE + PAGE)
  const first = shown[0]?.index ?? 0
  // A search may show features that lie far apart: the baseline is asked for around the first one, and the rest without a picture.
  const baseline = useQuery(
    'models.baseline',
    { model, version, offset: first, limit: 1000 },
    { enabled: baselineRows !== null && shown.length > 0, keepsPrevious: true },
  )
  const byName = useMemo(() => new Map(baseline.data?.features.map((one) => [one.name, one])), [baseline.data])
  if (features.length === 0) {
    return (
      <Section title="Features">
        <p className="dim">
          The version declares no features. A train.csv beside the model at its import gives them names, ranges and a baseline.
        </p>
      </Section>
    )
  }
  return (
    <Section
      title={`Features (${formatCount(features.length)})`}
      actions={
        <>
          <span className="dim">
            {baselineRows === null ? 'no baseline: it came without training rows' : `baseline of ${plural(baselineRows, 'training row')}`}
          </span>
          {features.length > 12 && (
            <TextInput
              aria-label="Find a feature"
              placeholder="Find a feature"
              leftSection={<IconSearch size={14} />}
              value={state.feature}
              maxLength={200}
              onChange={(event) => change({ feature: event.currentTarget.value, page: 0 })}
            />
          )}
        </>
      }
    >
      {baseline.error !== null && <ProblemBox problem={baseline.error} onRetry={() => void baseline.refetch()} />}
      <FeatureTable shown={shown} byName={byName} baselineRows={baselineRows} />
      {pages > 1 && (
        <div className={styles.line}>
          <Button disabled={page === 0} onClick={() => change({ page: page - 1 })}>
            Previous {PAGE}
          </Button>
          <Button disabled={page + 1 >= pages} onClick={() => change({ page: page + 1 })}>
            Next {PAGE}
          </Button>
          <span className="dim">
            page {page + 1} of {pages}
          </span>
        </div>
      )}
    </Section>
  )
}

type Shown = { feature: Detail['manifest']['schema']['features'][number]; index: number }

function FeatureTable({
  shown,
  byName,
  baselineRows,
}: {
  shown: readonly Shown[]
  byName: ReadonlyMap<string, FeatureBaseline>
  baselineRows: number | null
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" data-numeric>
              #
            </th>
            <th scope="col">Name</th>
            <th scope="col">In the training rows</th>
            <th scope="col" data-numeric>
              Smallest
            </th>
            <th scope="col" data-numeric>
              Largest
            </th>
            <th scope="col" data-numeric>
              Mean ± sd
            </th>
            <th scope="col" data-numeric>
              Missing
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ feature, index }) => {
            const one = byName.get(feature.name)
            return (
              <tr key={feature.name}>
                <td data-numeric className="dim">
                  {index + 1}
                </td>
                <th scope="row" className="mono foreign">
                  {feature.name}
                </th>
                <td>
                  {one === undefined ? <span className="dim">{baselineRows === null ? '' : 'not read'}</span> : <Histogram feature={one} />}
                </td>
                <td data-numeric>{feature.min === null ? '' : formatNumber(feature.min, 4)}</td>
                <td data-numeric>{feature.max === null ? '' : formatNumber(feature.max, 4)}</td>
                <td data-numeric>{spreadText(one)}</td>
                <td data-numeric>{missingText(one, baselineRows)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function spreadText(feature: FeatureBaseline | undefined): string {
  if (feature === undefined) return ''
  if (feature.kind === 'categorical') return plural(feature.categories.length, 'value')
  return `${formatNumber(feature.mean)} ± ${formatNumber(feature.standardDeviation)}`
}

function missingText(feature: FeatureBaseline | undefined, rows: number | null): string {
  if (feature === undefined || rows === null || rows === 0) return ''
  return feature.missing === 0 ? 'none' : formatPercent(feature.missing / rows)
}
