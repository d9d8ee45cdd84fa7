# ---- Cox regression on one variable at a time, and on several --------------------------------------------------------------

ANALYSES$hazards <- function(a, analysis, frames) {
  subjects <- frames$subjects
  rows <- timed_rows(subjects, analysis$options$endpoint)
  event <- as.numeric(rows$status == 1)
  put(a, "events", "all", list(n = sum(event[rows$known]), N = sum(rows$known), missing = sum(!rows$known)))
  single <- unlist(analysis$options$variables)
  further <- analysis$options$multivariable
  together <- if (isTRUE(further)) single else if (is.character(unlist(further))) unlist(further) else character(0)
  coded <- list()
  for (variable in unique(c(single, together))) {
    if (!variable %in% names(subjects)) {
      skip(paste("derived column", variable), a, variable)
      next
    }
    coded[[variable]] <- code <- covariates(subjects[[variable]][rows$known], variable)
    died <- event[rows$known]
    put(a, variable, "all", list(n = sum(code$known), missing = sum(!code$known), events = sum(died[code$known])))
    for (level in names(code$members)) {
      put(a, variable, "all", list(n = sum(code$members[[level]]), events = sum(died[code$members[[level]]])), level)
    }
    try_put(a, variable, one_variable(a, variable, code, rows$time[rows$known], died))
  }
  if (length(together)) try_put(a, "model", adjusted(a, together, coded, rows$time[rows$known], event[rows$known]))
}

# A variable as columns of a model: a number or an order as it is, levels as indicators against the first that is there.
covariates <- function(values, variable) {
  known <- !is.na(values)
  if (is.numeric(values) || (is.ordered(values) && variable != "arm")) {
    members <- if (is.ordered(values)) lapply(setNames(levels(values), levels(values)), function(l) values %in% l) else list()
    x <- if (is.ordered(values)) as.integer(values) - 1 else values
    return(list(known = known, x = matrix(x), levels = "", members = members, base = ""))
  }
  if (is.logical(values)) values <- factor(ifelse(values, "yes", "no"), c("no", "yes"))
  all_levels <- levels(values)
  members <- lapply(setNames(all_levels, all_levels), function(l) values %in% l)
  base <- if (variable == "arm" && study$reference %in% all_levels) study$reference else all_levels[1]
  if (!any(members[[base]]) && any(known)) base <- all_levels[vapply(members, any, TRUE)][1]
  others <- setdiff(all_levels, base)
  if (is.null(base) || identical(all_levels, c("no", "yes"))) { base <- "no"; others <- "yes" }
  x <- vapply(others, function(l) ifelse(known, as.numeric(values == l), NA), numeric(length(values)))
  list(known = known, x = matrix(x, nrow = length(values), ncol = length(others)), levels = others, members = members, base = base)
}

smallest <- function(code, level) {
  if (level == "") sum(code$known) else min(sum(code$members[[level]]), sum(code$members[[code$base]]))
}

one_variable <- function(a, variable, code, time, died) {
  used <- vapply(seq_along(code$levels), function(i) code$levels[i] == "" || any(code$x[code$known, i] == 1), TRUE)
  for (level in code$levels[!used]) {
    put(a, paste0(variable, ".hazard"), "all", list(estimate = NA, lower = NA, upper = NA, p_value = NA), level)
  }
  if (!any(used)) return(invisible())
  for (ending in c(".hazard", ".overall", ".alternative")) skip(FIRTH, a, paste0(variable, ending))
  fit <- cox(time[code$known], died[code$known], code$x[code$known, used, drop = FALSE])
  put_ratios(a, paste0(variable, ".hazard"), code, code$levels[used], fit)
  few <- small(vapply(code$levels[used], function(level) smallest(code, level), 0))
  gain <- if (is.null(fit)) NA else 2 * diff(fit$loglik)
  tested <- list(statistic = gain, p_value = pchisq(gain, sum(used), lower.tail = FALSE))
  if (sum(used) > 1) put(a, paste0(variable, ".overall"), "all", if (few || is.na(gain)) list(p_value = NA) else tested, iterated = TRUE)
  else if (!few && !is.null(fit)) {
    put(a, paste0(variable, ".alternative"), "all", tested["p_value"], "cox-likelihood-ratio", iterated = TRUE)
  }
}

put_ratios <- function(a, name, code, levels, fit, offset = 0) {
  for (i in seq_along(levels)) {
    found <- ratio_of(fit, offset + i)
    if (smallest(code, levels[i]) < study$methods$fewest) found$p_value <- NA
    put(a, name, "all", found, levels[i], iterated = TRUE)
  }
}

adjusted <- function(a, together, coded, time, died) {
  if (!all(together %in% names(coded))) not_covered("a model with derived columns")
  complete <- Reduce(`&`, lapply(coded[together], function(code) code$known))
  used <- lapply(coded[together], function(code) {
    vapply(seq_along(code$levels), function(i) code$levels[i] == "" || any(code$x[complete, i] == 1), TRUE)
  })
  x <- do.call(cbind, Map(function(code, keep) code$x[complete, keep, drop = FALSE], coded[together], used))
  put(a, "model", "all", list(n = sum(complete), missing = sum(!complete), events = sum(died[complete]), parameters = ncol(x)))
  skip(FIRTH, a, "proportionality")
  for (variable in together) skip(FIRTH, a, paste0(variable, ".adjusted"))
  fit <- cox(time[complete], died[complete], x)
  offset <- 0
  for (variable in together) {
    code <- coded[[variable]]
    keep <- used[[variable]]
    put_ratios(a, paste0(variable, ".adjusted"), code, code$levels[keep], fit, offset)
    for (level in code$levels[!keep]) {
      put(a, paste0(variable, ".adjusted"), "all", list(estimate = NA, lower = NA, upper = NA, p_value = NA), level)
    }
    offset <- offset + sum(keep)
  }
  put(a, "proportionality", "all", proportional(fit), iterated = TRUE)
}
