@rem "npm start" replaces its shell on Unix, so that a signal reaches Tollkeeper; cmd has no exec, and finds this one.
@%*
