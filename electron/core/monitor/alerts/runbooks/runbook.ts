/** A page for whoever gets an alert: what it means, what to look at, what to do. */
export interface Runbook {
  title: string
  markdown: string
}
