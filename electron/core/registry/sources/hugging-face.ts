import { z } from 'zod'
import type { BundleFile, TensorSpec } from '../../../../shared/domain/bundle.ts'
import type { PictureStep } from '../../../../shared/domain/pipeline.ts'

/** What `config.json` and `preprocessor_config.json` of a Hugging Face export say, as far as a bundle can say it too. */
export interface ReadExport {
  bundle: BundleFile
  /** What they say and a device will not do: the client must. */
  notes: string[]
}

const size = z.union([
  z.int().positive(),
  z.looseObject({ height: z.int().positive(), width: z.int().positive() }),
  z.looseObject({ shortest_edge: z.int().positive() }),
])

/** Fields of `config.json` that count here; the others are the business of the exporter. */
export const modelConfig = z.looseObject({
  architectures: z.array(z.string()).max(16).optional(),
  id2label: z.record(z.string().max(16), z.string()).optional(),
  problem_type: z.string().nullish(),
})

/** The same of `preprocessor_config.json`. */
export const preprocessorConfig = z.looseObject({
  do_resize: z.boolean().nullish(),
  size: size.nullish(),
  resample: z.int().nullish(),
  crop_pct: z.number().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: size.nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: z.array(z.number()).min(1).max(3).nullish(),
  image_std: z.array(z.number().positive()).min(1).max(3).nullish(),
})
type PreprocessorConfig = z.infer<typeof preprocessorConfig>

const oneClassHead = /For(Image|Sequence|Audio)Classification$/
const PROBABILITIES = 'probabilities'
/** Numbers of Pillow's filters that the picture steps know. */
const filters: Readonly<Record<number, 'nearest' | 'bilinear'>> = { 0: 'nearest', 2: 'bilinear' }
const BILINEAR = 2

/** Says in a bundle what an export says; labels, the softmax behind its logits, and the steps of a picture. */
export function readExport(of: {
  config: z.infer<typeof modelConfig> | null
  preprocessor: PreprocessorConfig | null
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
}): ReadExport {
  const head = of.config === null ? { bundle: {}, notes: [] } : readHead(of.config, of.outputs)
  const picture = readPicture(of.preprocessor, of.inputs)
  const tokens = of.inputs.some(({ name }) => name === 'input_ids')
    ? ['The model takes tokens (input_ids): a device makes none of a text, the client does.']
    : []
  return { bundle: { ...head.bundle, ...picture.bundle }, notes: [...head.notes, ...picture.notes, ...tokens] }
}

function readHead(config: z.infer<typeof modelConfig>, outputs: readonly TensorSpec[]): ReadExport {
  const problem = config.problem_type ?? null
  const hasHead = (config.architectures ?? []).some((name) => oneClassHead.test(name))
  const logits = outputs.find(({ name, shape }) => name === 'logits' && shape.length === 2)
  if (!hasHead || logits === undefined) return { bundle: {}, notes: [] }
  if (problem === 'regression') return { bundle: { task: 'regression', outcome: { value: 'logits' } }, notes: [] }
  if (problem === 'multi_label_classification')
    return { bundle: {}, notes: ['The model gives several classes to one row; it is served without being judged.'] }
  const labels = labelsOf(config.id2label)
  // One class has no other to be taken for: such heads give a value.
  if (labels !== null && labels.length === 1) return { bundle: { task: 'regression', outcome: { value: 'logits' } }, notes: [] }
  const notes = labels === null && config.id2label !== undefined ? ['id2label of config.json does not name each class once.'] : []
  return {
    bundle: {
      task: 'classification',
      ...(labels === null ? {} : { labels }),
      outcome: { probabilities: PROBABILITIES },
      postprocessing: { v: 1, steps: [{ step: 'softmax', from: 'logits', to: PROBABILITIES }] },
    },
    notes,
  }
}

/** Labels by class index; null unless every index from 0 on has one of its own. */
function labelsOf(id2label: Readonly<Record<string, string>> | undefined): string[] | null {
  const entries = Object.entries(id2label ?? {})
  const labels = entries.map((_, index) => (id2label ?? {})[String(index)] ?? '')
  const isWhole = labels.length > 0 && labels.every((label) => label !== '' && label.length <= 256)
  return isWhole && new Set(labels).size === labels.length ? labels : null
}

function readPicture(config: PreprocessorConfig | null, inputs: readonly TensorSpec[]): ReadExport {
  const [input, second] = inputs
  if (config === null || input === undefined || second !== undefined || input.name !== 'pixel_values' || input.shape.length !== 4)
    return { bundle: {}, notes: [] }
  const steps = stepsOf(config)
  if (typeof steps === 'string') return { bundle: {}, notes: [`${steps} The client prepares pixel_values itself.`] }
  const smooth = config.do_resize !== false && (config.resample ?? BILINEAR) === BILINEAR
  return {
    bundle: { preprocessing: { v: 2, kind: 'picture', picture: { name: 'image', form: 'encoded' }, steps } },
    notes: smooth ? ['Pillow smooths a picture when it makes it smaller, a device does not: answers may differ slightly.'] : [],
  }
}

/** The steps of a picture; a text says which one a device does not know. */
function stepsOf(config: PreprocessorConfig): PictureStep[] | string {
  const steps: PictureStep[] = [{ step: 'decode', colour: 'rgb' }]
  if (config.do_resize !== false) {
    const method = filters[config.resample ?? BILINEAR]
    if (method === undefined) return `preprocessor_config.json resizes with filter ${config.resample}, which a device does not have.`
    if (config.crop_pct !== undefined && config.crop_pct !== null) return 'preprocessor_config.json resizes with crop_pct.'
    if (config.size === undefined || config.size === null) return 'preprocessor_config.json does not say to which size.'
    const to = config.size
    if (typeof to !== 'number' && 'shortest_edge' in to) steps.push({ step: 'resize-shorter', to: Number(to.shortest_edge), method })
    else steps.push({ step: 'resize', ...sidesOf(to), method })
  }
  if (config.do_center_crop === true) {
    if (config.crop_size === undefined || config.crop_size === null) return 'preprocessor_config.json does not say what to crop to.'
    steps.push({ step: 'centre-crop', ...sidesOf(config.crop_size) })
  }
  const scale = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255)
  const spread = config.do_normalize === false ? null : { mean: config.image_mean ?? [0], std: config.image_std ?? [1] }
  steps.push({ step: 'normalise', scale: [scale], ...(spread ?? { mean: [0], std: [1] }) })
  steps.push({ step: 'layout', order: 'NCHW', input: 'pixel_values' })
  return steps
}

function sidesOf(of: z.infer<typeof size>): { width: number; height: number } {
  if (typeof of === 'number') return { width: of, height: of }
  if ('shortest_edge' in of && typeof of.shortest_edge === 'number') return { width: of.shortest_edge, height: of.shortest_edge }
  return { width: Number(of['width']), height: Number(of['height']) }
}
