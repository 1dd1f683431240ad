/** A fault somebody can put right: its message says what is wrong, where, and what to do. Shown without a stack. */
export class Fault extends Error {
  name = "Fault";
}

/** The accounts file cannot be used. Whoever is logging in sees a page; the log has the reason. */
export class AccountsFault extends Fault {
  name = "AccountsFault";
}
