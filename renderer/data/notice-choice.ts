const STORED = 'muster.notices.isOn'

/** What stands between an alert and a notification of this browser. */
export type NoticeState = 'unsupported' | 'ask' | 'on' | 'off' | 'denied'

/** How it stands, given what the browser says and what the person chose here. */
export function noticeState(permission: NotificationPermission | null, isChosen: boolean): NoticeState {
  if (permission === null) return 'unsupported'
  if (permission === 'denied') return 'denied'
  if (permission === 'default') return 'ask'
  return isChosen ? 'on' : 'off'
}

/** How it stands in this browser now. */
export function browserNoticeState(): NoticeState {
  return noticeState('Notification' in globalThis ? Notification.permission : null, isChosen())
}

/** True if this browser may and shall show notifications. */
export function areBrowserNoticesOn(): boolean {
  return browserNoticeState() === 'on'
}

/** Kept in this browser, beside the browser's own permission, which a page cannot give back. */
export function chooseNotices(isOn: boolean): void {
  localStorage.setItem(STORED, String(isOn))
}

function isChosen(): boolean {
  return localStorage.getItem(STORED) !== 'false'
}
