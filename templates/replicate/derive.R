# ---- What the study file defines: columns read out of long frames, spans, endpoints --------------------------------------

with_columns <- function(frames) {
  for (column in study$frames$subjects$columns) {
    if (!is.null(column$from)) frames$subjects[[column$name]] <- attempt(read_out(column, frames))
  }
  for (column in study$frames$subjects$columns) {
    if (!is.null(column$between)) frames$subjects[[column$name]] <- attempt({
      ends <- lapply(column$between, on_axis, frames$subjects)
      (ends[[2]] - ends[[1]]) / in_days(column$unit)
    })
  }
  frames$subjects <- with_endpoints(frames$subjects)
  frames
}

# The value, or NULL (so no column) where this script has no rule for it.
attempt <- function(expression) tryCatch(expression, not_covered = function(reason) NULL)

# How many days a unit has; 1 for what is no unit of time.
in_days <- function(unit) if (length(unit) == 1 && unit %in% names(DAYS)) DAYS[[unit]] else 1

# A date or day column as days on one axis: from day zero where there is one.
on_axis <- function(name, subjects) {
  if (name == "0") return(rep(0, nrow(subjects)))  # day zero itself, where the data are days already
  if (!name %in% names(subjects)) not_covered("derived column ", name)
  values <- subjects[[name]]
  unit <- study$frames$subjects$columns[[name]]$unit
  if (!inherits(values, "Date")) return(as_numeral(values) * in_days(unit))
  if (nzchar(study$day_zero)) as.numeric(values - subjects[[study$day_zero]]) else as.numeric(values)
}

as_numeral <- function(values) {
  if (is.factor(values)) suppressWarnings(as.numeric(as.character(values))) else as.numeric(values)
}

# A frame that some result rests on.
needed <- function(frames, name) {
  if (inherits(frames[[name]], "not_covered")) stop(frames[[name]])
  if (is.null(frames[[name]])) not_covered("the frame ", name, ", which is absent")
  frames[[name]]
}

read_out <- function(column, frames) {
  from <- column$from
  subjects <- frames$subjects
  if (nzchar(from$beyond)) not_covered(column$name, " with ", from$beyond)
  frame <- needed(frames, from$frame)
  measures <- nzchar(from$analyte) && is.numeric(frame$value)
  given <- if (measures) transform(frame, value = counted_value(frame, study$analytes[[from$analyte]])) else frame
  keep <- rep(TRUE, nrow(frame))
  if (nzchar(from$analyte)) keep <- keep & frame$analyte == from$analyte
  if (nzchar(from$where)) keep <- keep & holds(from$where, given)
  if (length(from$day)) keep <- keep & frame$day >= from$day[1] & frame$day <= from$day[2]
  rows <- given[which(keep), , drop = FALSE]
  owner <- factor(match(rows$subject, subjects$subject), seq_len(nrow(subjects)))
  if (from$pick %in% c("peak", "tmax", "auc")) {
    analyte <- study$analytes[[from$analyte]]
    rows <- frame[which(keep), , drop = FALSE]
    if (nzchar(analyte$beyond)) not_covered(column$name, " of ", analyte$name, " with ", analyte$beyond)
    if (length(from$day)) analyte$window <- from$day
    shown <- profiles(lapply(split(rows, owner), samples, analyte), analyte, subjects, complete = FALSE)
    return(as_declared(unname(vapply(shown, function(found) found[[from$pick]], 0)), column))
  }
  if (from$pick %in% c("any", "count", "first-day", "last-day")) return(presence(rows, owner, column, from))
  taken <- if (nzchar(from$column)) from$column else intersect(c("value", "response", "grade"), names(rows))[1]
  if (!taken %in% names(rows)) not_covered("derived column ", taken, " of ", from$frame)
  known <- !is.na(rows[[taken]])
  rows <- rows[known, , drop = FALSE]
  owner <- owner[known]
  if (from$pick == "mean") {
    return(as_declared(unname(vapply(split(as_numeral(rows[[taken]]), owner), mean_or_na, 0)), column))
  }
  chosen <- vapply(split(seq_len(nrow(rows)), owner), function(own) {
    if (!length(own)) return(NA_integer_)
    day <- rows$day[own]
    size <- if (is.factor(rows[[taken]])) as.integer(rows[[taken]])[own] else as_numeral(rows[[taken]])[own]
    ranked <- switch(from$pick,
      min = order(size, day), max = order(-size, day), nearest = order(abs(day - from$to), day),
      last = order(-day, -seq_along(own)), order(day))
    own[ranked[1]]
  }, 0L)
  as_declared(rows[[taken]][chosen], column)
}

# Below quantification half the limit counts, the declared one or else the row's own; above it the upper limit, or the
# row's own where that is lower.
counted_value <- function(rows, analyte) {
  lloq <- c(analyte$lloq, NA)[1]
  uloq <- c(analyte$uloq, NA)[1]
  sign <- if ("qualifier" %in% names(rows)) as.character(rows$qualifier) else rep(NA_character_, nrow(rows))
  below <- (sign %in% "<") | (!is.na(lloq) & !is.na(rows$value) & rows$value < lloq)
  above <- !below & ((sign %in% ">") | (!is.na(uloq) & !is.na(rows$value) & rows$value > uloq))
  half <- if (is.na(lloq)) rows$value / 2 else lloq / 2
  ifelse(below, half, ifelse(above, pmin(rows$value, uloq, na.rm = TRUE), rows$value))
}

mean_or_na <- function(values) if (length(values)) mean(values) else NA_real_

presence <- function(rows, owner, column, from) {
  if (nzchar(from$column) && from$column %in% names(rows)) {
    there <- rows[[from$column]]
    told <- if (is.logical(there)) !is.na(there) & there else !is.na(there)
    rows <- rows[told, , drop = FALSE]
    owner <- owner[told]
  }
  count <- as.integer(table(owner))
  if (from$pick == "any") return(as_declared(count > 0, column))
  if (from$pick == "count") return(as_declared(count, column))
  edge <- if (from$pick == "first-day") min else max
  what <- if (column$type == "date") as.numeric(rows$date) else rows$day
  found <- vapply(split(what, owner), function(own) if (all(is.na(own))) NA_real_ else edge(own, na.rm = TRUE), 0)
  if (column$type == "date") as.Date(unname(found), origin = "1970-01-01") else as_declared(unname(found) / in_days(column$unit), column)
}

as_declared <- function(values, column) {
  if (column$type == "number") return(as_numeral(values))
  if (column$type == "flag") return(if (is.numeric(values)) values != 0 else as_flag(as.character(values)))
  if (column$type == "date") return(as.Date(values))
  text <- if (is.logical(values)) as.character(as.integer(values)) else as.character(values)
  mapped <- match(text, names(column$values))
  text <- ifelse(is.na(mapped), text, unlist(column$values)[mapped])
  if (length(column$levels)) factor(text, unlist(column$levels), ordered = column$type == "ordinal") else text
}

with_endpoints <- function(subjects) {
  for (endpoint in study$endpoints) {
    made <- if (!nzchar(endpoint$beyond)) attempt(if (endpoint$timed) timed(endpoint, subjects) else reached(endpoint, subjects))
    for (name in names(made)) subjects[[paste0(endpoint$name, ".", name)]] <- made[[name]]
  }
  subjects
}

# The earliest of event, competing event and censoring; on a tie the event comes first, then the competing event.
timed <- function(endpoint, subjects) {
  if (nzchar(endpoint$time)) return(recorded(endpoint, subjects))
  earliest <- function(names, ends = FALSE) {
    known <- lapply(names, function(name) { day <- moment(name, subjects, ends); ifelse(is.na(day), Inf, day) })
    Reduce(pmin, known, rep(Inf, nrow(subjects)))
  }
  event <- earliest(endpoint$event)
  other <- earliest(endpoint$competing)
  day <- pmin(event, other, earliest(endpoint$censor, ends = TRUE))
  time <- day - on_axis(endpoint$start, subjects)
  bad <- is.na(time) | !is.finite(day) | time < 0
  status <- ifelse(event <= day, 1, ifelse(other <= day, 2, 0))
  list(time = ifelse(bad, NA, time / DAYS[[endpoint$unit]]), status = ifelse(bad, NA, status))
}

# The day of a column; an endpoint stands for the day of its event, or with `ends` for its last day.
moment <- function(name, subjects, ends) {
  if (name %in% names(subjects) || is.null(study$endpoints[[name]])) return(on_axis(name, subjects))
  other <- study$endpoints[[name]]
  time <- subjects[[paste0(name, ".time")]]
  if (is.null(time)) not_covered("an endpoint that rests on derived columns")
  start <- on_axis(if (nzchar(other$start)) other$start else "0", subjects)
  day <- time * DAYS[[other$unit]] + start
  if (ends) day else ifelse(subjects[[paste0(name, ".status")]] %in% 1, day, NA)
}

recorded <- function(endpoint, subjects) {
  if (!all(c(endpoint$time, endpoint$status) %in% names(subjects))) not_covered("derived column ", endpoint$time)
  time <- as_numeral(subjects[[endpoint$time]])
  unit <- study$frames$subjects$columns[[endpoint$time]]$unit
  if (unit %in% names(DAYS) && unit != endpoint$unit) time <- time * DAYS[[unit]] / DAYS[[endpoint$unit]]
  code <- subjects[[endpoint$status]]
  code <- if (is.logical(code)) as.character(as.integer(code)) else if (is.numeric(code)) sprintf("%.15g", code) else as.character(code)
  code[is.na(subjects[[endpoint$status]])] <- NA
  said <- endpoint$status_values
  if (length(unlist(said))) {
    status <- ifelse(code %in% said$event, 1, ifelse(code %in% said$competing, 2, ifelse(code %in% said$censored, 0, NA)))
  } else {
    status <- ifelse(code == "0", 0, ifelse(code == "1", 1, ifelse(grepl("^[0-9]+$", code), 2, NA)))
  }
  bad <- is.na(time) | is.na(status) | time < 0
  list(time = ifelse(bad, NA, time), status = ifelse(bad, NA, status))
}

reached <- function(endpoint, subjects) {
  if (nzchar(endpoint$where)) return(list(outcome = holds(endpoint$where, subjects)))
  if (!endpoint$column %in% names(subjects)) not_covered("derived column ", endpoint$column)
  values <- subjects[[endpoint$column]]
  if (is.logical(values)) {
    wanted <- !length(endpoint$responses) || any(c("yes", "true", "True", "1") %in% endpoint$responses)
    return(list(outcome = values == wanted))
  }
  list(outcome = ifelse(is.na(values), NA, as.character(values) %in% endpoint$responses))
}
