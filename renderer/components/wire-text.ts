import { formatBytes } from './format.ts'

/** Bytes that devices fetch, as they travel: blocks are compressed on their way, so that this is less than they take on a disk. */
export function wireText(bytes: number): string {
  return bytes === 0 ? 'nothing to fetch' : `${formatBytes(bytes)} on the wire`
}

/** The same with what the console sends, where devices fetch together and that is less. */
export function fetchText({ bytes, published }: { bytes: number; published: number }): string {
  const sent = published > 0 && published < bytes ? `, ${formatBytes(published)} sent where devices fetch together` : ''
  return `${wireText(bytes)}${sent}`
}
