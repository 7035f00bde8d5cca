const SID = /^(?:[a-zA-Z0-9]{34}|ID[a-zA-Z0-9]{32}-CA[a-zA-Z0-9]{32})$/

/** Like Restcomm, does not check the type of the SID. For example, a conference SID passes as a call SID. */
export function isSid(text: string): boolean {
  return SID.test(text)
}
