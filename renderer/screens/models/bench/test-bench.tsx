import { useMemo } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Answered } from '../../../components/answered.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { RowBench } from './row-bench.tsx'
import { TensorBench } from './tensor-bench.tsx'

type Detail = OutputOf<'models.show'>
type Features = Detail['manifest']['schema']['features']

/** Examples that are offered; the golden set may hold 256. */
const EXAMPLES = 24
/** Columns of a model without a schema that are still written one by one. */
const MOST_UNNAMED = 4096

/** Tries a version by hand, in the way that its inputs allow. */
export function TestBench({ detail }: { detail: Detail }) {
  const { model, version } = detail
  const features = useMemo(() => featuresOf(detail.manifest), [detail.manifest])
  const examples = useQuery('models.examples', { model, version, count: EXAMPLES }, { enabled: features.length > 0 })
  if (features.length === 0) return <TensorBench detail={detail} />
  return <Answered answer={examples}>{(data) => <RowBench detail={detail} features={features} examples={data} />}</Answered>
}

/** The columns of a row: the declared features, else as many as the only input takes; none if it is no row. */
function featuresOf({ schema, inputs }: Detail['manifest']): Features {
  if (schema.features.length > 0) return schema.features
  const [input, second] = inputs
  const width = input?.shape[1]
  const isRow = second === undefined && input?.shape.length === 2 && input.datatype !== 'BYTES' && input.datatype !== 'BOOL'
  if (!isRow || width === undefined || width < 1 || width > MOST_UNNAMED) return []
  return Array.from({ length: width }, (_, i) => ({ name: `value ${i + 1}`, min: null, max: null }))
}
