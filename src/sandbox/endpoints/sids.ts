const SID = /^(?:[a-zA-Z0-9]{34}|ID[a-zA-Z0-9]{32}-CA[a-zA-Z0-9]{32})$/

/** Like Restcomm, checks the form of a SID but not the type, so a conference SID also passes as a call SID. */
export function isSid(text: string): boolean {
  return SID.test(text)
}
