import { Problem } from '../domain/problem.ts'

/** The file is not an ONNX model, or a damaged one. */
export const invalid = (what: string): Problem => new Problem('model.invalid', `Not a usable ONNX model: ${what}`)

/** A sound model that Muster does not serve. */
export const unsupported = (what: string): Problem => new Problem('model.unsupported', what)

/** The file asks for more than the limits allow. */
export const excessive = (what: string): Problem => new Problem('model.resource-limit', what)

/** The file points at bytes outside itself. */
export const externalData = (where: string): Problem =>
  new Problem(
    'model.external-data-forbidden',
    `The model keeps data outside the file (${where}); only weights inside the file are accepted`,
  )

/** A name from a hostile file, shortened and without control characters, for a message. */
export function shown(name: string): string {
  const clean = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return clean.length > 80 ? `"${clean.slice(0, 80)}…"` : `"${clean}"`
}
