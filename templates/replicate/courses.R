# ---- Courses of analytes: samples of one patient, then what they show ---------------------------------------------------

samples <- function(rows, analyte) {
  lloq <- c(analyte$lloq, NA)[1]
  uloq <- c(analyte$uloq, NA)[1]
  sign <- if ("qualifier" %in% names(rows)) rows$qualifier else rep(NA, nrow(rows))
  below <- (sign %in% "<") | (!is.na(lloq) & !is.na(rows$value) & rows$value < lloq)
  above <- !below & ((sign %in% ">") | (!is.na(uloq) & !is.na(rows$value) & rows$value > uloq))
  found <- data.frame(day = rows$day, value = ifelse(above, pmin(rows$value, uloq, na.rm = TRUE), rows$value), below = below,
                      above = above, limit = ifelse(sign %in% "<", rows$value, lloq))
  found <- found[!is.na(found$day) & !is.na(found$value), , drop = FALSE]
  found <- found[order(found$day, !found$below, found$value), , drop = FALSE]
  found <- found[!duplicated(found$day, fromLast = TRUE), , drop = FALSE]  # of two on one day the quantified, the higher
  quantified <- which(!found$below)
  place <- seq_len(nrow(found))
  found$after <- length(quantified) > 0 & place > max(quantified, 0)
  between <- length(quantified) > 0 & place >= min(quantified, Inf) & !found$after
  found$before <- !between & !found$after
  found$settled <- ifelse(!found$below, found$value, ifelse(between, found$limit / 2, 0))
  found
}

# Peak, time to peak, area by the linear-up log-down rule, last quantified value, persistence.
profile <- function(s, analyte) {
  window <- analyte$window
  none <- list(peak = NA_real_, tmax = NA_real_, auc = NA_real_, last = NA_real_, last_day = NA_real_,
               persistence = NA_real_, peak_below = FALSE, peak_above = FALSE)
  if (!nrow(s)) return(none)
  later <- if (length(window)) s$day >= window[1] else s$day > 0
  inside <- if (length(window)) later & s$day <= window[2] else later
  counted <- inside & !s$below
  out <- none
  if (sum(inside) >= 2) {
    if (any(counted)) {
      out$peak <- max(s$value[counted])
      top <- counted & s$value == out$peak
      out$tmax <- min(s$day[top])
      out$peak_above <- any(s$above[top])
    } else {
      own <- suppressWarnings(min(s$limit[inside & s$below], na.rm = TRUE)) / 2
      out$peak <- if (length(analyte$lloq)) analyte$lloq / 2 else if (is.finite(own)) own else NA_real_
      out$peak_below <- TRUE
    }
  }
  covered <- !length(window) || !is.finite(window[2]) || any(abs(s$day - window[2]) <= 3)
  if (covered && sum(counted) >= 4) {
    u <- s[inside & !s$after, , drop = FALSE]
    a <- head(u$settled, -1)
    b <- tail(u$settled, -1)
    falls <- b < a & b > 0
    out$auc <- sum(diff(u$day) * ifelse(falls, (a - b) / log(ifelse(falls, a / b, exp(1))), (a + b) / 2))
  }
  tail_end <- which(later & !s$below)
  if (length(tail_end)) {
    out$last <- s$value[max(tail_end)]
    out$last_day <- s$day[max(tail_end)]
  }
  first_top <- if (any(counted)) min(s$day[counted & s$value == max(s$value[counted])]) else Inf
  gone <- s$below & c(tail(s$below, -1), TRUE) & s$day > first_top
  if (any(gone)) out$persistence <- min(s$day[gone])
  out
}

# The profile where samples were planned: without a peak of who went longer without one than planned, death apart.
as_planned <- function(found, s, analyte, death) {
  every <- analyte$sampling[1]
  first <- analyte$sampling[2]
  end <- min(analyte$sampling[3], if (is.na(death)) Inf else floor(death))
  taken <- sort(s$day[s$day >= first & s$day <= end])
  if (end < first || all(diff(c(first - 1, taken, end + 1)) <= every)) return(found)
  found$peak <- found$tmax <- NA_real_
  found$peak_below <- found$peak_above <- FALSE
  found
}

profiles <- function(taken, analyte, subjects, complete) {
  shown <- lapply(taken, profile, analyte)
  if (length(analyte$sampling)) Map(as_planned, shown, taken, list(analyte), death_days(subjects, complete)) else shown
}

# Day of death from day zero, Inf for the living, NA where nothing tells it: the event of overall survival, a column of
# the usual name, or the time of overall survival. Not `complete`: columns are still being read out, and no times are made.
death_days <- function(subjects, complete) {
  overall <- Filter(function(one) one$timed && !length(c(one$competing, one$status_values$competing)) &&
                      (tolower(one$name) == "os" || grepl("overall survival", one$label, ignore.case = TRUE)), study$endpoints)
  overall <- if (length(overall)) overall[[1]]
  events <- unlist(overall$event)
  wanted <- c(if (length(events) == 1) events, "death_date", "death_day")
  absent <- setdiff(intersect(wanted, names(study$frames$subjects$columns)), names(subjects))
  if (complete && length(absent)) not_covered("derived column ", absent[1])
  there <- intersect(wanted, names(subjects))
  if (length(there)) return(ifelse(is.na(subjects[[there[1]]]), Inf, on_axis(there[1], subjects)))
  if (is.null(overall) || !complete) return(rep(NA_real_, nrow(subjects)))
  time <- subjects[[paste0(overall$name, ".time")]]
  if (is.null(time)) not_covered("an endpoint that rests on derived columns")
  status <- subjects[[paste0(overall$name, ".status")]]
  ifelse(is.na(status), NA, ifelse(status == 1, time * DAYS[[overall$unit]], Inf))
}

ANALYSES$kinetics <- function(a, analysis, frames) {
  subjects <- frames$subjects
  who <- groups_of(analysis$options, subjects)
  analyte <- study$analytes[[analysis$options$analyte]]
  if (nzchar(analyte$beyond)) not_covered(analyte$name, " with ", analyte$beyond)
  window <- analyte$window
  series <- needed(frames, "series")
  series <- series[series$analyte %in% analysis$options$analyte, , drop = FALSE]
  owner <- factor(match(series$subject, subjects$subject), seq_len(nrow(subjects)))
  taken <- lapply(split(series, owner), samples, analyte)
  shown <- profiles(taken, analyte, subjects, complete = TRUE)
  value_of <- function(measure) vapply(shown, function(found) as.numeric(found[[measure]]), 0)
  for (limit in c("lloq", "uloq")) if (length(analyte[[limit]])) put(a, limit, "all", list(value = analyte[[limit]]))
  spell <- c("n", "median", "q1", "q3", "min", "max")
  most <- analysis$options$individuals
  tails <- if (nrow(subjects) > if (length(most)) most else 300) c("q05", "q95")
  below <- value_of("peak_below") == 1
  for (key in labels_of(who)) {
    own <- inside(subjects, who, key)
    for (measure in c("peak", "tmax", "auc", "last", "last_day", "persistence")) {
      x <- value_of(measure)[own]
      put_summary(a, measure, key, x, c(spell, if (measure %in% c("peak", "tmax")) tails))
      if (measure %in% c("peak", "auc")) {
        known <- x[!below[own] & !is.na(x)]
        usable <- length(known) > 0 && min(known) > 0
        put(a, measure, key, list(geomean = if (usable) exp(mean(log(known))) else NA,
                                  geocv = if (usable && length(known) > 1) sqrt(expm1(var(log(known)))) else NA))
      }
    }
    put(a, "peak_below", key, list(n = sum(below[own])))
    put(a, "peak_above", key, list(n = sum(value_of("peak_above")[own])))
    within <- function(s) if (length(window)) sum(s$day >= window[1] & s$day <= window[2]) else nrow(s)
    put_summary(a, "samples", key, vapply(taken, within, 0)[own], spell)
    all_days <- sort(unique(unlist(lapply(taken, function(s) s$day))))
    if (length(window)) all_days <- all_days[all_days >= window[1] & all_days <= window[2]]
    days <- if (length(analysis$options$at)) unlist(analysis$options$at) else all_days
    for (day in days) {
      x <- unlist(lapply(taken[own], function(s) s$settled[s$day == day]))
      put_summary(a, "course", key, as.numeric(x), c("n", "median", "q1", "q3", tails), at = day)
    }
  }
  for (measure in c("peak", "tmax", "auc", "last", "last_day", "persistence")) {
    sample_of <- function(key) { x <- value_of(measure)[inside(subjects, who, key)]; x[!is.na(x)] }
    logged <- if (measure %in% c("peak", "auc")) function(key) {
      x <- value_of(measure)[inside(subjects, who, key) & !below]
      x[!is.na(x)]
    }
    for (test in questions(who)) {
      test_numbers(a, measure, lapply(test$keys, sample_of), test$name, logged = if (length(logged)) lapply(test$keys, logged))
    }
    for (pair in who$pairs) {
      x <- sample_of(pair[1])
      y <- sample_of(pair[2])
      put(a, paste0(measure, ".shift"), pair_name(pair), hodges_lehmann(x, y))
      if (length(logged)) {
        u <- logged(pair[1])
        v <- logged(pair[2])
        ratio <- if (min(c(u, v, Inf)) > 0) welch(log(u), log(v)) else list(estimate = NA, lower = NA, upper = NA)
        put(a, paste0(measure, ".ratio"), pair_name(pair), lapply(ratio, exp))
      }
    }
  }
}
