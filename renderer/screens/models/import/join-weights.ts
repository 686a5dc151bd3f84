import { Problem } from '../../../../shared/domain/problem.ts'
import { planJoin } from '../../../../shared/onnx/external-data.ts'
import { readerOf } from '../../../../shared/onnx/wire.ts'

/** A model whose weights are in other files is small; a larger one is sent as it is, and the console judges it. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * One file out of a model and the weights that exporters put beside it: made of slices, so that nothing of the weights is read before it is
 * sent. `null`: all weights are inside, or what is wrong with the file is for the console to say.
 * @param others files that were given with the model
 * @throws Problem `model.external-data-forbidden` where a file of weights was not given
 */
export async function joinWeights(model: File, others: readonly File[]): Promise<{ file: File; joined: readonly File[] } | null> {
  if (model.size > MOST_BYTES) return null
  const named = new Map(others.map((file) => [file.name, file]))
  const reader = readerOf(new Uint8Array(await model.arrayBuffer()))
  const plan = planned(() => planJoin(reader, (location) => given(named, location, model.name).size))
  if (plan === null) return null
  const slices = plan.pieces.map((piece) => {
    if ('bytes' in piece) return new Blob([piece.bytes.slice()])
    const from = piece.location === null ? model : given(named, piece.location, model.name)
    return from.slice(piece.at, piece.at + piece.length)
  })
  return { file: new File(slices, model.name), joined: plan.locations.map((location) => given(named, location, model.name)) }
}

function given(named: ReadonlyMap<string, File>, location: string, model: string): File {
  const file = named.get(location)
  if (file !== undefined) return file
  throw new Problem('model.external-data-forbidden', `${model} keeps weights in ${location}, which is not among the files.`, {
    hint: 'Add that file: it is joined with the model when it is sent.',
  })
}

/** A file that is no sound model is refused by the console, which says more of it than this can. */
function planned<Plan>(plan: () => Plan): Plan | null {
  try {
    return plan()
  } catch (error) {
    if (error instanceof Problem && error.code !== 'model.external-data-forbidden') return null
    throw error
  }
}
