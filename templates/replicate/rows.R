# ---- Numbers at the addresses of results.csv --------------------------------------------------------------------------------

made <- new.env(hash = TRUE)  # key to value and tolerance
reasons <- new.env(hash = TRUE)  # start of a key to why nothing stands there

time_key <- function(at) if (length(at)) sprintf("%.12g", at) else ""
key_of <- function(analysis, variable, level, at, group, stat) paste(analysis, variable, level, at, group, stat, sep = "\t")

# Closed forms agree to eight figures, what is iterated to six.
put <- function(a, variable, group, values, level = "", at = NULL, iterated = FALSE) {
  for (stat in names(values)) {
    value <- values[[stat]]
    if (stat != "method" && !is.null(value)) {
      assign(key_of(a, variable, level, time_key(at), group, stat),
             list(value = as.numeric(value), tolerance = if (iterated) 1e-6 else 1e-8), envir = made)
    }
  }
}

skip <- function(reason, a, variable = "") assign(paste(a, variable, sep = "\t"), reason, envir = reasons)

# Numbers at an address, or the reason why R has none.
try_put <- function(a, variable, expression) {
  tryCatch(expression, not_covered = function(reason) skip(conditionMessage(reason), a, variable))
}

# The arms, or the levels of another column that anybody has.
groups_of <- function(option, subjects) {
  by <- if (is.null(option$by)) "arm" else option$by
  if (by != "arm" && !by %in% names(subjects)) not_covered("derived column ", by)
  column <- study$frames$subjects$columns[[by]]
  levels <- if (identical(column$type, "flag")) c("no", "yes") else unlist(column$levels)
  keys <- if (by == "arm") names(study$arms) else intersect(levels, grouping(subjects[[by]]))
  reference <- if (is.null(option$reference)) (if (by == "arm") study$reference else "") else option$reference
  if (!reference %in% keys) reference <- keys[1]
  list(by = by, keys = keys, pairs = lapply(setdiff(keys, reference), function(x) c(x, reference)))
}

# A flag makes two groups, those without it being the reference.
grouping <- function(values) if (is.logical(values)) ifelse(values, "yes", "no") else values
inside <- function(subjects, who, key) if (key == "all") rep(TRUE, nrow(subjects)) else grouping(subjects[[who$by]]) %in% key
labels_of <- function(who) c(who$keys, "all")
pair_name <- function(pair) paste(pair, collapse = ":")
small <- function(sizes) min(c(sizes, Inf)) < study$methods$fewest
option_of <- function(analysis, name, default) if (is.null(analysis$options[[name]])) default else analysis$options[[name]]

# What is compared in a test of all groups: the pair, or all arms; NULL where there is one group.
global <- function(who) {
  if (length(who$keys) < 2) return(NULL)
  if (length(who$keys) == 2) list(name = pair_name(who$pairs[[1]]), keys = who$pairs[[1]])
  else list(name = "arms", keys = who$keys)
}

# Each contrast and, with three or more groups, all of them together.
questions <- function(who) {
  pairs <- lapply(who$pairs, function(pair) list(name = pair_name(pair), keys = pair))
  if (length(who$keys) > 2) c(pairs, list(list(name = "arms", keys = who$keys))) else pairs
}

test_numbers <- function(a, variable, samples, label, means = FALSE, levels = FALSE, logged = NULL) {
  samples <- lapply(samples, function(x) x[!is.na(x)])
  if (small(lengths(samples))) return(put(a, paste0(variable, ".test"), label, list(p_value = NA)))
  found <- compare_numbers(samples, means, levels)
  put(a, paste0(variable, ".test"), label, found)
  if (is.na(found$p_value)) return(invisible())
  for (other in others_of_numbers(samples, found, levels, logged)) {
    if (!is.na(other$p_value)) put(a, paste0(variable, ".alternative"), label, list(p_value = other$p_value), other$method)
  }
}

test_counts <- function(a, variable, counts, label) {
  if (small(rowSums(counts))) return(put(a, paste0(variable, ".test"), label, list(p_value = NA)))
  try_put(a, paste0(variable, ".test"), {
    found <- association(counts)
    put(a, paste0(variable, ".test"), label, found)
    if (!is.na(found$p_value)) for (other in others_of_counts(counts, found)) {
      put(a, paste0(variable, ".alternative"), label, list(p_value = other$p_value), other$method)
    }
  })
}

put_share <- function(a, variable, group, n, known, level = "") {
  limits <- proportion_interval(n, known)
  put(a, variable, group, list(n = n, N = known, p = if (known) n / known else NA, lower = limits[1], upper = limits[2]), level)
}

put_summary <- function(a, variable, group, x, keep, at = NULL) put(a, variable, group, summary_of(x)[keep], at = at)

ANALYSES <- list()
