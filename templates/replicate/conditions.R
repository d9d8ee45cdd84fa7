# ---- Conditions, read as the study file writes them; a missing cell makes a comparison neither true nor false ------------

TOKENS <- paste0("^[[:space:]]*(", NUMBER, "(?![[:alnum:]_.])|'[^']*'|\"[^\"]*\"|[[:alpha:]_][[:alnum:]_.-]*",
                 "|==|!=|<=|>=|<|>|[(]|[)]|\\[|\\]|,)")

holds <- function(condition, frame) {
  tokens <- character(0)
  rest <- condition
  while (nzchar(trimws(rest))) {
    found <- regmatches(rest, regexpr(TOKENS, rest, perl = TRUE))
    if (!length(found)) not_covered("a condition that can't be read: ", condition)
    tokens <- c(tokens, trimws(found))
    rest <- substring(rest, nchar(found) + 1)
  }
  at <- 1
  peek <- function() if (at <= length(tokens)) tokens[at] else ""
  take <- function() { at <<- at + 1; tokens[at - 1] }
  either <- function() { value <- both(); while (peek() == "or") { take(); value <- both() | value }; value }
  both <- function() { value <- negated(); while (peek() == "and") { take(); value <- negated() & value }; value }
  negated <- function() if (peek() == "not") { take(); !negated() } else single()
  single <- function() {
    if (peek() == "(") { take(); value <- either(); take(); return(value) }
    if (peek() %in% c("known", "missing") && !peek() %in% names(frame)) {
      word <- take(); take(); unknown <- is.na(column(take())); take()
      return(if (word == "known") !unknown else unknown)
    }
    left <- operand()
    if (peek() %in% c("==", "!=", "<", "<=", ">", ">=")) { sign <- take(); return(compared(left, sign, operand())) }
    if (peek() %in% c("in", "not")) {
      outside <- take() == "not"
      if (outside) take()
      take()
      found <- FALSE
      while (peek() != "]") { found <- found | compared(left, "==", operand()); if (peek() == ",") take() }
      take()
      return(if (outside) !found else found)
    }
    left$values
  }
  column <- function(name) {
    if (!name %in% names(frame)) not_covered("derived column ", name)
    frame[[name]]
  }
  operand <- function() {
    token <- take()
    if (grepl(paste0("^", NUMBER, "$"), token)) return(list(literal = token))
    if (grepl("^['\"]", token)) return(list(literal = substr(token, 2, nchar(token) - 1)))
    if (token %in% c("true", "false")) return(list(literal = token))
    list(values = column(token))
  }
  either()
}

compared <- function(left, sign, right) {
  if (!is.null(left$literal)) {
    mirrored <- c("<" = ">", "<=" = ">=", ">" = "<", ">=" = "<=", "==" = "==", "!=" = "!=")
    return(compared(right, mirrored[[sign]], left))
  }
  a <- left$values
  b <- if (is.null(right$literal)) right$values else right$literal
  if (is.factor(a)) {
    b <- if (is.factor(b)) as.integer(b) else match(b, levels(a))
    a <- as.integer(a)
  } else if (inherits(a, "Date")) {
    b <- as.Date(b)
  } else if (is.logical(a)) {
    if (is.character(b)) b <- tolower(b) %in% c("true", "yes", "1")
  } else if (is.numeric(a)) {
    b <- as.numeric(b)
  }
  match.fun(sign)(a, b)
}
