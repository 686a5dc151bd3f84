import { readFileSync } from 'node:fs'

/** Pages of Linux are 4 KiB on every machine that onnxruntime has binaries for, or larger: then the limit is stricter. */
const PAGE_BYTES = 4096
const EVERY_MS = 50

/**
 * Watches the resident memory of a process and calls `onExceeded` once when it is above the limit. Native allocations of a model are
 * outside every limit that Node can set. Only Linux says how much a process holds without a helper; elsewhere nothing is watched.
 */
export function startMemoryGuard(of: { pid: number; limitBytes: number; onExceeded(bytes: number): void }): { stop(): void } {
  if (process.platform !== 'linux') return { stop: () => undefined }
  const timer = setInterval(() => {
    const bytes = residentBytes(of.pid)
    if (bytes === null || bytes <= of.limitBytes) return
    clearInterval(timer)
    of.onExceeded(bytes)
  }, EVERY_MS)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** Resident memory of a process in bytes; `null` if it is gone. */
function residentBytes(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
    return Number.isFinite(pages) ? pages * PAGE_BYTES : null
  } catch {
    return null
  }
}
